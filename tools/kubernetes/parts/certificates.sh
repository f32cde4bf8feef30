# shellcheck shell=bash
# The authority, the certificates and the kubeconfigs. Sourced by cluster.sh, whose settings it uses.

# sign NAME SUBJECT [EXTENSION..]: a key and a certificate of the cluster's authority.
sign() {
  local name=$1 subject=$2
  shift 2
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$pki/$name.key" -subj "$subject" 2>/dev/null |
    openssl x509 -req -days 30 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -out "$pki/$name.crt" \
      -extfile <(printf '%s\n' 'keyUsage=digitalSignature' 'extendedKeyUsage=clientAuth,serverAuth' "$@") 2>/dev/null
}

# kubeconfig NAME: embeds NAME's key and certificate.
kubeconfig() {
  local file=$K8S_STATE/$1.kubeconfig
  (umask 077; cat >"$file" <<END
apiVersion: v1
kind: Config
current-context: $K8S_NAME
clusters:
- name: $K8S_NAME
  cluster: {server: "https://$NODE_IP:6443", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}
contexts:
- name: $K8S_NAME
  context: {cluster: $K8S_NAME, user: $1}
users:
- name: $1
  user: {client-certificate-data: $(base64 -w0 "$pki/$1.crt"), client-key-data: $(base64 -w0 "$pki/$1.key")}
END
  )
}

certificates() {
  [[ -s $K8S_STATE/admin.kubeconfig ]] && return
  mkdir -p "$pki"
  chmod 700 "$pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$K8S_NAME" \
    -addext keyUsage=critical,keyCertSign,digitalSignature -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  openssl ecparam -genkey -name prime256v1 -noout -out "$pki/service-accounts.key"
  openssl ec -in "$pki/service-accounts.key" -pubout -out "$pki/service-accounts.pub" 2>/dev/null
  sign apiserver /CN=kube-apiserver \
    "subjectAltName=IP:$NODE_IP,IP:$API_SERVICE_IP,IP:127.0.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  sign kubelet "/O=system:nodes/CN=system:node:$K8S_NAME" "subjectAltName=IP:$NODE_IP,DNS:$K8S_NAME"
  sign apiserver-kubelet /O=system:masters/CN=kube-apiserver-kubelet-client
  sign aggregator /CN=aggregator
  sign controller-manager /CN=system:kube-controller-manager
  sign scheduler /CN=system:kube-scheduler
  sign proxy /CN=system:kube-proxy
  sign metrics /CN=metrics "subjectAltName=DNS:metrics.kube-system.svc"
  sign policies /CN=policies
  sign admin /O=system:masters/CN=admin
  local name
  for name in kubelet controller-manager scheduler proxy metrics policies admin; do kubeconfig "$name"; done
}
