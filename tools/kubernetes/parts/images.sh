# shellcheck shell=bash
# Base images, images from a Dockerfile, and their way into the cluster. Sourced by cluster.sh, whose settings it uses.

# kept NAME: whether the image is in buildah's store; made again, it would be another one, and what stands on it too.
kept() { bld inspect --type image "localhost/$1" >/dev/null 2>&1; }

# base_image NAME PACKAGE..: a Debian image with these packages.
base_image() {
  local name=$1 archive container
  shift
  image_packages
  ! kept "$name" || return 0
  archive=$images/$(printf '%s\n' "$@" | sha256sum | cut -c1-12).tar
  mkdir -p "$images"
  [[ -s $archive ]] || bootstrap "$archive" "$@"
  container=$(bld from scratch)
  bld add --quiet "$container" "$archive" / >/dev/null
  bld commit --quiet "$container" "localhost/$name" >/dev/null
  bld rm "$container" >/dev/null
}

# bootstrap ARCHIVE PACKAGE..: Debian's own release with these packages, without documentation.
bootstrap() {
  local archive=$1 codename
  shift
  codename=$(awk -F= '$1 == "VERSION_CODENAME" {print $2}' /etc/os-release)
  # shellcheck disable=SC2016 # mmdebstrap's shell is the one that expands it
  mmdebstrap --quiet --variant=apt --include="$(IFS=,; echo "$*")" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='cd "$1/usr" && rm -f lib/python3*/EXTERNALLY-MANAGED && { [ ! -e bin/python3 ] || ln -sf python3 bin/python; }' \
    "$codename" "$archive.part.tar"
  mv "$archive.part.tar" "$archive"
}

# program_image NAME PROGRAM: an image that holds one program, at its root.
program_image() {
  local archive
  image_packages
  ! kept "$1" || return 0
  archive=$(mktemp --suffix=.tar)
  python3 "$here/scratch_image.py" "localhost/$1" "$2" >"$archive"
  bld pull --quiet "oci-archive:$archive" >/dev/null
  rm "$archive"
}

build_image() {
  local name=$1
  shift
  image_packages
  # chroot isolation and the host's network: no OCI runtime and no limits to raise; and the host's
  # certificate authorities, which its package registries may need.
  bld build --quiet --layers --isolation chroot --network host --volume /etc/ssl/certs:/etc/ssl/certs:ro --pull-never \
    --tag "$name" "$@" >/dev/null
  ! alive containerd || load_image "$name"
}

# run_image NAME COMMAND..: runs it in the image, with this script's own standard input, and forgets what it wrote.
run_image() {
  local container status=0
  container=$(bld from --pull-never "$1")
  bld run --isolation chroot "$container" -- "${@:2}" || status=$?
  bld rm "$container" >/dev/null
  return "$status"
}

load_image() {
  local image archive
  alive containerd || die "the cluster is down"
  for image; do
    if [[ -f $image ]]; then
      ctr_k8s images import "$image" >/dev/null
    else
      archive=$(mktemp --suffix=.tar)
      rm "$archive"
      bld push --quiet --disable-compression "$image" "oci-archive:$archive:$image"
      ctr_k8s images import "$archive" >/dev/null
      rm "$archive"
    fi
  done
}

tag_image() {
  bld tag "$1" "$2"
  ! alive containerd || ctr_k8s images tag --force "$1" "$2" >/dev/null
}
