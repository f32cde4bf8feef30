# shellcheck shell=bash
# What is installed and compiled. Sourced by cluster.sh, whose settings it uses.

# packages COMMAND:PACKAGE..: installs the Debian packages whose command is missing.
packages() {
  local pair missing=()
  for pair; do
    command -v "${pair%%:*}" >/dev/null || [[ -x ${pair%%:*} ]] || missing+=("${pair##*:}")
  done
  ((${#missing[@]})) || return 0
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

node_packages() {
  packages containerd:containerd runc:runc iptables:iptables nft:nftables nsenter:util-linux ip:iproute2 openssl:openssl \
    /usr/lib/cni/bridge:containernetworking-plugins
}

image_packages() { packages buildah:buildah mmdebstrap:mmdebstrap; }

# Upstream's own main packages, compiled from the modules that go.mod pins; one go command, so that both
# the compiler's and the linker's work spread over every core.
compile() {
  command -v go >/dev/null || die "Go is needed to compile the cluster's programs"
  local tmp=$bin.tmp flags="-s -w -X helm.sh/helm/v3/internal/version.version=$helm_version" package
  local major_minor=${kube_version#v}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$kube_version -X $package.gitTreeState=clean"
    flags+=" -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$major_minor")"
  done
  rm -rf "$tmp"
  mkdir -p "$tmp"
  (cd "$here" && CGO_ENABLED=0 GOFLAGS=-mod=readonly nice go build -trimpath -ldflags "$flags" -o "$tmp/" \
    k8s.io/kubernetes/cmd/kube-{apiserver,controller-manager,scheduler,proxy} \
    k8s.io/kubernetes/cmd/{kubelet,kubectl} \
    go.etcd.io/etcd/server/v3 helm.sh/helm/v3/cmd/helm ./coredns ./metrics ./pause ./policies \
    2> >(grep -v '^go: downloading' >&2))
  mv "$tmp/server" "$tmp/etcd"
  rm -rf "$bin"
  mv "$tmp" "$bin"
}

build() {
  [[ -x $bin/kubelet ]] || stage "compile $kube_version" compile
}
