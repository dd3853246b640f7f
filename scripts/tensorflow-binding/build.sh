#!/bin/sh
# Builds the addon of the engine `tensorflow` for linux-x64: the C++ sources of @tensorflow/tfjs-node 4.22.0 (TensorFlow's stable C API
# alone) against the libraries and headers of the wheel tensorflow-cpu 2.21.0. Needs g++, npm, Python with pip and Node's headers.
#
#   scripts/tensorflow-binding/build.sh WORK_FOLDER [NODE_HEADERS]
#
# The file finds TensorFlow in its own folder ($ORIGIN), speaks N-API 8 and serves Node 18 and later. After a build, its sha256 goes
# into src/engine/tensorflow/installation.ts. Packaging never compiles: the built file is kept in src/engine/tensorflow/native/.
set -eu
work=$1
headers=${2:-/usr/include/node}
target=$(dirname "$0")/../../src/engine/tensorflow/native/linux-x64/tfjs_binding.node
mkdir -p "$work"
(cd "$work" && echo '{"private":true}' > package.json && npm install --ignore-scripts --no-audit --no-fund @tensorflow/tfjs-node@4.22.0)
python3 -m pip install --no-deps --only-binary=:all: --platform manylinux_2_27_x86_64 --python-version 3.12 --target "$work/wheel" tensorflow-cpu==2.21.0
sources=$work/node_modules/@tensorflow/tfjs-node/binding
tensorflow=$work/wheel/tensorflow
g++ -O2 -fPIC -shared -std=c++17 -DNAPI_VERSION=8 -I"$headers" -I"$tensorflow/include" -I"$sources" \
  "$sources/tfjs_backend.cc" "$sources/tfjs_binding.cc" -o "$target" \
  -L"$tensorflow" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 '-Wl,-rpath,$ORIGIN'
strip "$target"
sha256sum "$target"
