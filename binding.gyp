{
  "target_defaults": {
    "cflags": ["-Wall", "-Wextra", "-pedantic", "-fvisibility=hidden"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions"],
    "cflags_cc": ["-std=c++17"],
    # CI sets SESCLE_WERROR: on a user's newer compiler a new warning must not break the build.
    "conditions": [["'<!(echo ${SESCLE_WERROR:-0})'=='1'", {"cflags": ["-Werror"]}]],
  },
  "targets": [
    {
      "target_name": "sescle_core",
      "type": "static_library",
      "sources": ["<!@(cd <(module_root_dir) && ls native/core/*.cpp)"],
    },
    {
      "target_name": "sescle",
      "dependencies": ["sescle_core"],
      "sources": ["<!@(cd <(module_root_dir) && ls native/addon/*.cpp)"],
      "include_dirs": ["native/core", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=9",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # worker.terminate() may make any call fail at any moment, and no exception can be thrown
        # then: without this node-addon-api aborts the whole process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      ],
      # A thread that is stuck in the kernel outlives the environment that loaded us.
      "ldflags": ["-Wl,-z,nodelete"],
    },
  ],
}
