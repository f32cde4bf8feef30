# shellcheck shell=bash
# Starting, finding and waiting for processes. Sourced by cluster.sh, whose settings it uses.

say() { printf '%s\n' "$*" >&2; }
die() { say "cluster.sh: $*"; exit 1; }

# stage NAME COMMAND..: runs it and says how long it took.
stage() {
  local name=$1 start=$EPOCHREALTIME
  shift
  "$@"
  printf '%-28s %6.1f s\n' "$name" "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')" >&2
}

# until_ok SECONDS WHAT COMMAND..: repeats it until it succeeds.
until_ok() {
  local limit=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < limit)) || die "$what: not ready in time; the logs are in $logs"
    sleep 0.2
  done
}

in_node() { nsenter --net="/run/netns/$K8S_NAME" "$@"; }
kc() { KUBECONFIG=$K8S_STATE/admin.kubeconfig kubectl "$@"; }
ctr_k8s() { ctr --address "$containerd_sock" --namespace k8s.io "$@"; }
bld() { buildah --root "$K8S_CACHE/buildah" --runroot "$K8S_CACHE/buildah-run" "$@"; }

# alive NAME: whether the program that `start NAME` started still runs (a reused pid does not count).
alive() {
  local pid started
  [[ -r $pids/$1 ]] && read -r pid started <"$pids/$1" || return 1
  [[ -r /proc/$pid/stat && $(awk '{print $22}' "/proc/$pid/stat" 2>/dev/null) == "$started" ]]
}

# start NAME COMMAND..: runs it in the background in the node's network, if it does not run yet.
start() {
  local name=$1 pid
  shift
  alive "$name" && return
  setsid nsenter --net="/run/netns/$K8S_NAME" "$@" >>"$logs/$name.log" 2>&1 </dev/null &
  pid=$!
  disown "$pid"
  printf '%s %s\n' "$pid" "$(awk '{print $22}' "/proc/$pid/stat")" >"$pids/$name"
}

# cgroups: this cluster's cgroup in every hierarchy.
cgroups() { awk -v name="$K8S_NAME" '$3 ~ /^cgroup2?$/ {print $2 "/" name}' /proc/mounts; }

# processes: what `start` started, and the pods' processes and their shims.
processes() {
  local name group file
  for file in "$pids"/*; do
    name=${file##*/}
    ! alive "$name" || cut -d' ' -f1 "$file"
  done
  for group in $(cgroups); do
    find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done
  for file in /proc/[0-9]*/cmdline; do
    { name=$(tr '\0' ' ' <"$file"); } 2>/dev/null || continue
    [[ $name != *containerd-shim*"$containerd_sock"* ]] || cut -d/ -f3 <<<"$file"
  done
}

# settle FILE: makes standard input its contents, and leaves a file alone that has them already.
settle() {
  local contents
  contents=$(cat)
  [[ -e $1 && $(<"$1") == "$contents" ]] || printf '%s\n' "$contents" >"$1"
}
