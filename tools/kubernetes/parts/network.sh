# shellcheck shell=bash
# The network namespace and its way to the host. Sourced by cluster.sh, whose settings it uses.

network() {
  ip netns list | grep -qw "^$K8S_NAME" && return
  ip netns add "$K8S_NAME"
  ip link add k8s-host type veth peer name k8s-node netns "$K8S_NAME"
  ip addr add "$HOST_IP/30" dev k8s-host
  ip link set k8s-host up
  ip -n "$K8S_NAME" link set lo up
  ip -n "$K8S_NAME" addr add "$NODE_IP/30" dev k8s-node
  ip -n "$K8S_NAME" link set k8s-node up
  # A client needs a route to a service address even though kube-proxy rewrites it; what it does not
  # rewrite ends at the host's side, which does not forward.
  ip -n "$K8S_NAME" route add "$SERVICE_CIDR" via "$HOST_IP"
  ip route add "$SERVICE_CIDR" via "$NODE_IP"
  ip route add "$POD_CIDR" via "$NODE_IP"
  # Nobody listens at these two of the world outside: a pod that may go there hears so, any other is refused.
  ip -n "$K8S_NAME" addr add "$INTERNET_IP/32" dev lo
  ip -n "$K8S_NAME" addr add "$METADATA_IP/32" dev lo
  # What a policy refuses is told by ICMP, each time: it has no limit here.
  in_node sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.icmp_ratemask=0
}
