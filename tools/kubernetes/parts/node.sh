# shellcheck shell=bash
# containerd, the kubelet and kube-proxy. Sourced by cluster.sh, whose settings it uses.

# scratch_image NAME PROGRAM: loads an image that holds one static program.
scratch_image() {
  ctr_k8s images ls -q | grep -qxF "$1" && return
  python3 "$here/scratch_image.py" "$1" "$2" | ctr_k8s images import - >/dev/null
}

container_runtime() {
  mkdir -p "$K8S_STATE/cni"
  cat >"$K8S_STATE/containerd.toml" <<END
version = 2
root = "$K8S_STATE/containerd"
state = "$K8S_STATE/containerd-run"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "$containerd_sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  # The machine may lack CAP_SYS_RESOURCE, without which no process can lower its OOM score.
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$K8S_STATE/cni"
END
  cat >"$K8S_STATE/cni/10-bridge.conflist" <<END
{
  "cniVersion": "0.4.0",
  "name": "$K8S_NAME",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": {
        "type": "host-local", "dataDir": "$K8S_STATE/cni-ipam",
        "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
END
  start containerd containerd --config "$K8S_STATE/containerd.toml"
  until_ok 30 containerd ctr_k8s version
  scratch_image "$pause_image" "$bin/pause"
  scratch_image "$coredns_image" "$bin/coredns"
}

node_cgroup() {
  local group
  for group in $(cgroups); do
    mkdir -p "$group"
    # A new cpuset is empty, and nothing can run in it until it has processors and memory.
    if [[ -e $group/cpuset.mems && -e $group/cgroup.clone_children ]]; then
      cat "$group/../cpuset.cpus" >"$group/cpuset.cpus"
      cat "$group/../cpuset.mems" >"$group/cpuset.mems"
    fi
    # All pods together would weigh as much as one process of the host, and starve beside a busy one.
    [[ ! -e $group/cpu.shares ]] || echo 10240 >"$group/cpu.shares"
    [[ ! -e $group/cpu.weight ]] || echo 1000 >"$group/cpu.weight"
  done
}

node() {
  node_cgroup
  cat >"$K8S_STATE/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
address: $NODE_IP
healthzBindAddress: 127.0.0.1
containerRuntimeEndpoint: unix://$containerd_sock
cgroupDriver: cgroupfs
cgroupRoot: /$K8S_NAME
failCgroupV1: false
# Lets the kubelet go on where a kernel setting, its OOM score or a resource limit can't be changed.
featureGates: {KubeletInUserNamespace: true}
maxOpenFiles: $(ulimit -Hn | sed 's/unlimited/1000000/')
clusterDNS: [$DNS_IP]
clusterDomain: cluster.local
resolvConf: ""
podLogsDir: $logs/pods
# Images come from load-image only and the disk is the host's: collect and evict nothing on its account.
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%, imagefs.inodesFree: 0%}
serializeImagePulls: false
registerNode: true
END
  # kube-proxy ends when its file is written anew, be it with the same words.
  settle "$K8S_STATE/proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $K8S_STATE/proxy.kubeconfig}
hostnameOverride: $K8S_NAME
clusterCIDR: $POD_CIDR
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
# Those limits belong to the host's network.
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
  start kubelet kubelet --config="$K8S_STATE/kubelet.yaml" --kubeconfig="$K8S_STATE/kubelet.kubeconfig" \
    --root-dir="$K8S_STATE/kubelet" --hostname-override="$K8S_NAME" --node-ip="$NODE_IP"
  start kube-proxy kube-proxy --config="$K8S_STATE/proxy.yaml"
}
