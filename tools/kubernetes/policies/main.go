// policies enforces NetworkPolicies on the node's bridge: whenever something changes in the API server, it writes one
// table of nftables anew, in one transaction. It stands in for a CNI plugin with policies, on a cluster of one node.
//
// A policy holds for new connections: those that are open stay. It holds for a pod once the API server has the pod's
// address, about a second after its start.
package main

import (
	"flag"
	"log"
	"os/exec"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// gather is how long changes are waited for that come together.
	gather = 50 * time.Millisecond
	// retry is when a table that was refused is tried again.
	retry = time.Second
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	addresses := flag.String("pods", "", "the addresses of pods (CIDR)")
	operator := flag.String("operator", "", "the address that may go anywhere, as the node itself may")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), 0)
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	changed := watch(pods, namespaces, policies)
	forever := make(chan struct{})
	factory.Start(forever)
	factory.WaitForCacheSync(forever)
	keep(changed, func() string {
		return newFleet(
			list[*corev1.Pod](pods), list[*corev1.Namespace](namespaces), list[*networkingv1.NetworkPolicy](policies),
		).table(*addresses, *operator)
	})
}

// watch gives a channel that holds something whenever one of the informers has seen a change.
func watch(all ...cache.SharedInformer) chan struct{} {
	changed := make(chan struct{}, 1)
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { note(changed) },
		UpdateFunc: func(any, any) { note(changed) },
		DeleteFunc: func(any) { note(changed) },
	}
	for _, informer := range all {
		if _, err := informer.AddEventHandler(handler); err != nil {
			log.Fatal(err)
		}
	}
	return changed
}

func note(changed chan struct{}) {
	select {
	case changed <- struct{}{}:
	default:
	}
}

func list[T any](informer cache.SharedInformer) (all []T) {
	for _, one := range informer.GetStore().List() {
		all = append(all, one.(T))
	}
	return all
}

// keep makes the table that stands the one that is wanted, for ever.
func keep(changed chan struct{}, wanted func() string) {
	stands := ""
	for ; ; <-changed {
		time.Sleep(gather)
		table := wanted()
		if table == stands {
			continue
		}
		if err := apply(table); err != nil {
			time.AfterFunc(retry, func() { note(changed) })
			continue
		}
		stands = table
	}
}

func apply(table string) error {
	command := exec.Command("nft", "--file", "-")
	command.Stdin = strings.NewReader(table)
	said, err := command.CombinedOutput()
	if err != nil {
		log.Printf("nft: %v: %s", err, said)
	}
	return err
}
