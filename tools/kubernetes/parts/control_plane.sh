# shellcheck shell=bash
# etcd, the API server and its controllers, and what lies on top. Sourced by cluster.sh, whose settings it uses.

control_plane() {
  # The data are thrown away with the cluster: etcd need not wait for the disk.
  start etcd etcd --name="$K8S_NAME" --data-dir="$K8S_STATE/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
    --initial-cluster="$K8S_NAME=http://127.0.0.1:2380"
  start kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 \
    --advertise-address="$NODE_IP" --secure-port=6443 --service-cluster-ip-range="$SERVICE_CIDR" \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --kubelet-certificate-authority="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet.crt" --kubelet-client-key="$pki/apiserver-kubelet.key" \
    --kubelet-preferred-address-types=InternalIP \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$pki/service-accounts.pub" \
    --service-account-signing-key-file="$pki/service-accounts.key" \
    --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=aggregator \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$pki/aggregator.crt" --proxy-client-key-file="$pki/aggregator.key"
  until_ok 120 kube-apiserver kc get --raw /readyz
  start kube-controller-manager kube-controller-manager --kubeconfig="$K8S_STATE/controller-manager.kubeconfig" \
    --bind-address=127.0.0.1 --leader-elect=false --use-service-account-credentials \
    --horizontal-pod-autoscaler-sync-period=5s --horizontal-pod-autoscaler-initial-readiness-delay=5s \
    --horizontal-pod-autoscaler-cpu-initialization-period=10s \
    --allocate-node-cidrs --cluster-cidr="$POD_CIDR" --node-cidr-mask-size=24 \
    --service-account-private-key-file="$pki/service-accounts.key" --root-ca-file="$pki/ca.crt" \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key"
  start kube-scheduler kube-scheduler --kubeconfig="$K8S_STATE/scheduler.kubeconfig" \
    --bind-address=127.0.0.1 --leader-elect=false
  start metrics metrics -listen="$NODE_IP:4443" -kubeconfig="$K8S_STATE/metrics.kubeconfig" \
    -tls-cert-file="$pki/metrics.crt" -tls-private-key-file="$pki/metrics.key" -client-ca-file="$pki/ca.crt"
}

# volumes NUMBER..: what the storage class gives to claims; folders that any user can write in, as pods run as any.
volumes() {
  local number
  for number; do
    mkdir -p "$K8S_STATE/volumes/$number"
    chmod 0777 "$K8S_STATE/volumes/$number"
    cat <<END
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: standard-$number}
spec:
  storageClassName: standard
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce, ReadWriteMany]
  hostPath: {path: $K8S_STATE/volumes/$number}
END
  done
}

# reclaim: a volume whose claim is gone holds its data for ever; this empties it and offers it again.
reclaim() {
  local number
  kc get pv -o jsonpath='{range .items[?(@.status.phase=="Released")]}{.metadata.name}{"\n"}{end}' |
    while IFS=- read -r _ number; do
      kc delete pv "standard-$number" >/dev/null
      rm -rf "$K8S_STATE/volumes/$number"
      volumes "$number" | kc apply -f - >/dev/null
    done
}

addons() {
  # shellcheck disable=SC2046 # each number is an argument
  volumes $(seq -w 40) | kc apply -f - >/dev/null
  sed -e "s|@IMAGE@|$coredns_image|" -e "s|@DNS_IP@|$DNS_IP|" -e "s|@HOST_IP@|$HOST_IP|" \
    -e "s|@NODE_IP@|$NODE_IP|" -e "s|@CA@|$(base64 -w0 "$pki/ca.crt")|" "$here/addons.yaml" |
    kc apply -f - >/dev/null
  start policies policies -kubeconfig="$K8S_STATE/policies.kubeconfig" -pods="$POD_CIDR" -operator="$HOST_IP"
}

ready() {
  until_ok 60 "the node" kc get node "$K8S_NAME"
  kc wait --for=condition=Ready "node/$K8S_NAME" --timeout=90s >/dev/null
  until_ok 30 "the default service account" kc -n default get serviceaccount default
  kc -n kube-system rollout status deployment/coredns --timeout=120s >/dev/null
  until_ok 30 "the enforcement of policies" in_node nft list table inet policies
}
