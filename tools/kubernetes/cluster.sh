#!/usr/bin/env bash
# A real single-node Kubernetes without Docker, systemd or an image registry: etcd, the API server,
# controller manager, scheduler, kubelet, kube-proxy and CoreDNS on containerd and runc, plus Helm.
# The autoscaler works too, on a small metrics API of our own, and sooner than upstream's settings have it; and
# NetworkPolicies are enforced, by a small program of our own that writes them into nftables.
#
#   cluster.sh build                    compile the programs (once per version; cached)
#   cluster.sh up | down | status       start, stop (and forget), or describe the cluster
#   cluster.sh reclaim                  empty the volumes whose claims are gone, for others to claim
#   cluster.sh env                      print the exports that point kubectl and helm at it
#   cluster.sh base-image NAME [PKG..]  make a Debian base image with Debian's packages PKG
#   cluster.sh program-image NAME FILE  make an image that holds one program
#   cluster.sh build-image NAME [ARG..] build a Dockerfile (buildah's arguments), and load it
#   cluster.sh run-image NAME COMMAND.. run a command in an image, outside the cluster
#   cluster.sh load-image NAME|FILE..   load images from buildah's store, or from image archives
#   cluster.sh tag-image NAME NEW       give an image another name
#   cluster.sh images                   name the images that pods can use
#
# Needs root, Debian 12 or newer and Go. Settings, all optional, from the environment:
#   K8S_CACHE  compiled programs and images; worth keeping between runs
#   K8S_STATE  certificates, logs, cluster data; `down` removes it
#   K8S_NAME   name of the node, its network namespace and its cgroup
#
# The whole cluster lives in one network namespace that has no route out. A veth pair joins it to the
# host: the API server, the node ports and the service addresses are reached over it, and what listens
# on $HOST_IP on the host is host.cluster.internal to the pods.
# shellcheck source-path=SCRIPTDIR disable=SC2317 # called by main, which ends with an exit
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
K8S_CACHE=${K8S_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/local-k8s}
K8S_STATE=${K8S_STATE:-/var/lib/local-k8s}
K8S_NAME=${K8S_NAME:-local-k8s}

HOST_IP=172.30.0.1
NODE_IP=172.30.0.2
POD_CIDR=10.244.0.0/24
SERVICE_CIDR=10.96.0.0/16
API_SERVICE_IP=10.96.0.1
DNS_IP=10.96.0.10
INTERNET_IP=203.0.113.1
METADATA_IP=169.254.169.254

kube_version=$(awk '$1 == "k8s.io/kubernetes" {print $2}' "$here/go.mod")
helm_version=$(awk '$1 == "helm.sh/helm/v3" {print $2}' "$here/go.mod")
# A change of any pinned version, or of the sources here, gets a folder of its own.
build_id=$(cd "$here" && cat go.mod go.sum ./*/*.go | sha256sum | cut -c1-12)
bin=$K8S_CACHE/$kube_version-$build_id
images=$K8S_CACHE/images
pki=$K8S_STATE/pki
logs=$K8S_STATE/logs
pids=$K8S_STATE/pids
containerd_sock=$K8S_STATE/containerd.sock
pause_image=localhost/pause:$build_id
coredns_image=localhost/coredns:$build_id
export PATH=$bin:$PATH

. "$here/parts/processes.sh"
. "$here/parts/programs.sh"
. "$here/parts/network.sh"
. "$here/parts/certificates.sh"
. "$here/parts/node.sh"
. "$here/parts/control_plane.sh"
. "$here/parts/images.sh"

up() {
  [[ $(id -u) == 0 ]] || die "root is needed for network namespaces and containers"
  # A Unix socket's path has at most 107 characters; the kubelet's longest is 60 under its folder.
  ((${#K8S_STATE} <= 40)) || die "K8S_STATE is too long a path for the sockets in it: $K8S_STATE"
  stage packages node_packages
  build
  mkdir -p "$logs" "$pids"
  stage network network
  stage certificates certificates
  stage "container runtime" container_runtime
  stage "control plane" control_plane
  stage node node
  stage "addons" addons
  stage "node and names ready" ready
  environment >&2
}

down() {
  # Without this folder there is no cluster here, and nothing of anyone else's is removed.
  [[ -d $pids ]] || return 0
  local pid dir limit=$((SECONDS + 60))
  # The shims go last: a shim whose container is gone may end by itself.
  while pid=$(processes | sort -u) && [[ -n $pid ]]; do
    ((SECONDS < limit)) || die "these processes do not end: $pid"
    xargs -r kill -KILL <<<"$pid" 2>/dev/null || true
    sleep 0.2
  done
  awk -v dir="$K8S_STATE/" 'index($2, dir) == 1 {print $2}' /proc/mounts | sort -r |
    while read -r dir; do umount -l "$dir" || true; done
  ! awk -v dir="$K8S_STATE/" 'index($2, dir) == 1 {found = 1} END {exit !found}' /proc/mounts || die "something is still mounted in $K8S_STATE"
  for dir in $(cgroups); do
    [[ ! -d $dir ]] || find "$dir" -depth -type d -exec rmdir {} +
  done
  # The link first: with the namespace its other end goes, and that soon, but not at once.
  ! ip link show k8s-host >/dev/null 2>&1 || ip link del k8s-host
  ! ip netns list | grep -qw "^$K8S_NAME" || ip netns del "$K8S_NAME"
  rm -rf --one-file-system "$K8S_STATE"
}

status() {
  local name
  for name in containerd etcd kube-apiserver kube-controller-manager kube-scheduler metrics kubelet kube-proxy policies; do
    if alive "$name"; then
      printf '%-24s running, %s MiB\n' "$name" "$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$(cut -d' ' -f1 "$pids/$name")/status")"
    else
      printf '%-24s stopped\n' "$name"
    fi
  done
  alive kube-apiserver || return 1
  kc get nodes,pods --all-namespaces -o wide
}

# environment: for `eval` in the caller's shell.
environment() {
  # shellcheck disable=SC2016 # the caller's PATH
  printf 'export KUBECONFIG=%q PATH=%q:"$PATH"\n' "$K8S_STATE/admin.kubeconfig" "$bin"
}

main() {
  local command=${1:-}
  shift || true
  case $command in
    build | up | down | status) "$command" ;;
    env) environment ;;
    reclaim) reclaim ;;
    base-image) (($#)) || die "which name?"; stage "base image $1" base_image "$@" ;;
    program-image) (($# == 2)) || die "which name, and which program?"; stage "image $1" program_image "$@" ;;
    run-image) (($# > 1)) || die "which image, and what in it?"; run_image "$@" ;;
    build-image) (($#)) || die "which name?"; stage "image $1" build_image "$@" ;;
    load-image) (($#)) || die "which image?"; stage "load $*" load_image "$@" ;;
    tag-image) (($# == 2)) || die "which image, and which name?"; tag_image "$@" ;;
    images) ctr_k8s images ls -q ;;
    *) sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
  esac
  exit # nothing more is read: the file may be edited while it runs
}

main "$@"
