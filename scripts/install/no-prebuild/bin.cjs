#!/usr/bin/env node
// zstd-napi runs `prebuild-install || node-gyp rebuild`. Succeeding here keeps both from running;
// scripts/install/build-native.js compiles it once everything is in place.
