#!/bin/sh
# Package charts/orrery and charts/platform as the release vX.Y.Z, into a folder: `package.sh v1.2.3 packages`. Where no
# tag is given the packaged charts take the images vX.Y.Z. Needs helm alone.
set -eu
tag=$1 folder=$2
case "$tag" in v[0-9]*.[0-9]*.[0-9]*) ;; *) echo "$tag is no release: vX.Y.Z" >&2; exit 2 ;; esac
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R "$(dirname "$0")/../../charts" "$copy"
rm -rf "$copy"/charts/*/charts "$copy"/charts/*/Chart.lock # what somebody made in place
sed -i -e "s/^appVersion: .*/appVersion: $tag/" -e "s/^version: .*/version: ${tag#v}/" \
  -e "s/\(name: service, .*version: \)[^,]*/\1${tag#v}/" "$copy"/charts/*/Chart.yaml
for chart in orrery platform; do
  helm package --dependency-update "$copy/charts/$chart" --destination "$folder"
done
