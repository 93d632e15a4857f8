#!/bin/sh
# Builds the PDFs of samples/documents from samples/sources.
# Needs: python3 with venv, Debian's fonts-nanum, access to PyPI.
set -eu
TYPST_VERSION=0.15.2
FONTS=${EPIBOT_NANUM:-/usr/share/fonts/truetype/nanum}
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -f "$FONTS/NanumGothic.ttf" ]; then
    echo "NanumGothic.ttf not found in $FONTS: apt-get install fonts-nanum" >&2
    exit 1
fi
out=${1:-$here/documents}
mkdir -p "$out"
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "typst==$TYPST_VERSION"
"$venv/bin/python" "$here/sources/build.py" "$here/sources" "$out" "$FONTS"
