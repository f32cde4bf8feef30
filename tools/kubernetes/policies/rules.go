package main

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// fleet is the pods that have an address of their own, and what rules them; in an order that is always the same.
type fleet struct {
	pods       []*corev1.Pod
	namespaces map[string]labels.Set
	policies   []*networkingv1.NetworkPolicy
}

// rule is one of a policy, of either direction.
type rule struct {
	ports []networkingv1.NetworkPolicyPort
	peers []networkingv1.NetworkPolicyPeer
}

// direction says where a packet has the address of a rule's peer, and which rules are meant.
type direction struct {
	name  string
	kind  networkingv1.PolicyType
	peer  string
	rules func(*networkingv1.NetworkPolicy) []rule
}

var (
	egress  = direction{"egress", networkingv1.PolicyTypeEgress, "daddr", egressRules}
	ingress = direction{"ingress", networkingv1.PolicyTypeIngress, "saddr", ingressRules}
)

func egressRules(policy *networkingv1.NetworkPolicy) (all []rule) {
	for _, one := range policy.Spec.Egress {
		all = append(all, rule{one.Ports, one.To})
	}
	return all
}

func ingressRules(policy *networkingv1.NetworkPolicy) (all []rule) {
	for _, one := range policy.Spec.Ingress {
		all = append(all, rule{one.Ports, one.From})
	}
	return all
}

func newFleet(pods []*corev1.Pod, namespaces []*corev1.Namespace, policies []*networkingv1.NetworkPolicy) *fleet {
	f := &fleet{namespaces: map[string]labels.Set{}, policies: policies}
	for _, pod := range pods {
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		if pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !ended {
			f.pods = append(f.pods, pod)
		}
	}
	for _, namespace := range namespaces {
		f.namespaces[namespace.Name] = namespace.Labels
	}
	slices.SortFunc(f.pods, func(a, b *corev1.Pod) int { return strings.Compare(a.Status.PodIP, b.Status.PodIP) })
	slices.SortFunc(f.policies, func(a, b *networkingv1.NetworkPolicy) int { return strings.Compare(title(a), title(b)) })
	return f
}

func title(policy *networkingv1.NetworkPolicy) string { return policy.Namespace + "/" + policy.Name }

// table is all of it in nft's words. What goes from pod to pod passes the egress of the one and the ingress of the
// other, what goes from a pod to the node its egress; what the node itself sends, such as probes, is not looked at.
func (f *fleet) table(cidr, operator string) string {
	addresses, selves := []string{}, []string{}
	for _, pod := range f.pods {
		addresses = append(addresses, pod.Status.PodIP)
		selves = append(selves, pod.Status.PodIP+" . "+pod.Status.PodIP)
	}
	return fmt.Sprintf(`table inet policies
delete table inet policies
table inet policies {
	set pods { type ipv4_addr; %s}
	set selves { type ipv4_addr . ipv4_addr; %s}
	chain refuse {
		# A pod that is not known yet is left waiting: its next attempt finds it known.
		ip saddr %[3]s ip saddr != @pods counter drop
		ip daddr %[3]s ip daddr != @pods counter drop
		counter reject with icmpx type admin-prohibited
	}
%s%s	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		ip saddr vmap @egress
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state established,related accept
		ip saddr %s accept
		ip saddr . ip daddr @selves accept
		ip saddr vmap @egress
		ip daddr vmap @ingress
	}
}
`, elements(addresses), elements(selves), cidr, f.chains(egress), f.chains(ingress), operator)
}

func elements(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return "elements = { " + strings.Join(all, ", ") + " }; "
}

// chains are one for all the pods that the same policies isolate, and the map that leads there.
func (f *fleet) chains(way direction) string {
	text, members, names := "", []string{}, map[string]string{}
	for _, pod := range f.pods {
		policies := f.isolating(pod, way)
		if len(policies) == 0 {
			continue
		}
		body := f.body(policies, way)
		if names[body] == "" {
			names[body] = fmt.Sprintf("%s-%d", way.name, len(names))
			text += fmt.Sprintf("\tchain %s {\n%s\t\tgoto refuse\n\t}\n", names[body], body)
		}
		members = append(members, pod.Status.PodIP+" : jump "+names[body])
	}
	return text + fmt.Sprintf("\tmap %s { type ipv4_addr : verdict; %s}\n", way.name, elements(members))
}

// isolating are the policies that rule what a pod sends, or what it is sent.
func (f *fleet) isolating(pod *corev1.Pod, way direction) (chosen []*networkingv1.NetworkPolicy) {
	for _, policy := range f.policies {
		if policy.Namespace == pod.Namespace && slices.Contains(policy.Spec.PolicyTypes, way.kind) &&
			selects(&policy.Spec.PodSelector, pod.Labels) {
			chosen = append(chosen, policy)
		}
	}
	return chosen
}

// body returns on what any of the policies allows.
func (f *fleet) body(policies []*networkingv1.NetworkPolicy, way direction) (text string) {
	for _, policy := range policies {
		text += fmt.Sprintf("\t\t# %s\n", title(policy))
		for _, one := range way.rules(policy) {
			for _, peer := range f.peers(one.peers, policy.Namespace, way) {
				for _, port := range f.ports(one.ports) {
					text += fmt.Sprintf("\t\t%s%sreturn\n", peer, port)
				}
			}
		}
	}
	return text
}

// peers are the matches for a rule's peers: an empty one where it names none, no match where it means nobody.
func (f *fleet) peers(peers []networkingv1.NetworkPolicyPeer, namespace string, way direction) (all []string) {
	if len(peers) == 0 {
		return []string{""}
	}
	for _, peer := range peers {
		if peer.IPBlock != nil {
			all = append(all, block(peer.IPBlock, way))
			continue
		}
		addresses := []string{}
		for _, pod := range f.pods {
			if f.means(peer, namespace, pod) {
				addresses = append(addresses, pod.Status.PodIP)
			}
		}
		if len(addresses) > 0 {
			all = append(all, fmt.Sprintf("ip %s { %s } ", way.peer, strings.Join(addresses, ", ")))
		}
	}
	return all
}

// means tells whether a peer, in a policy of this namespace, is that pod.
func (f *fleet) means(peer networkingv1.NetworkPolicyPeer, namespace string, pod *corev1.Pod) bool {
	if peer.NamespaceSelector == nil && pod.Namespace != namespace {
		return false
	}
	return (peer.NamespaceSelector == nil || selects(peer.NamespaceSelector, f.namespaces[pod.Namespace])) &&
		(peer.PodSelector == nil || selects(peer.PodSelector, pod.Labels))
}

// selects takes a selector as the API server has let it in: whole.
func selects(selector *metav1.LabelSelector, set labels.Set) bool {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(set)
}

func block(block *networkingv1.IPBlock, way direction) string {
	family := "ip"
	if strings.Contains(block.CIDR, ":") {
		family = "ip6"
	}
	text := fmt.Sprintf("%s %s %s ", family, way.peer, block.CIDR)
	for _, but := range block.Except {
		text += fmt.Sprintf("%s %s != %s ", family, way.peer, but)
	}
	return text
}

// ports are the matches for a rule's ports: an empty one where it names none.
func (f *fleet) ports(ports []networkingv1.NetworkPolicyPort) (all []string) {
	if len(ports) == 0 {
		return []string{""}
	}
	for _, one := range ports {
		protocol := strings.ToLower(string(*one.Protocol))
		switch {
		case one.Port == nil:
			all = append(all, fmt.Sprintf("meta l4proto %s ", protocol))
		case one.Port.Type == intstr.String:
			all = append(all, f.named(*one.Protocol, one.Port.StrVal)...)
		case one.EndPort != nil:
			all = append(all, fmt.Sprintf("%s dport %d-%d ", protocol, one.Port.IntVal, *one.EndPort))
		default:
			all = append(all, fmt.Sprintf("%s dport %d ", protocol, one.Port.IntVal))
		}
	}
	return all
}

// named are matches for a port's name, which each pod that is gone to has a number of its own for.
func (f *fleet) named(protocol corev1.Protocol, name string) (all []string) {
	for _, pod := range f.pods {
		for _, container := range pod.Spec.Containers {
			for _, port := range container.Ports {
				if port.Name == name && port.Protocol == protocol {
					all = append(all, fmt.Sprintf("ip daddr %s %s dport %d ",
						pod.Status.PodIP, strings.ToLower(string(protocol)), port.ContainerPort))
				}
			}
		}
	}
	return all
}
