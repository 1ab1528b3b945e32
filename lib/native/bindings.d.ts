/** The part of the `bindings` package (which brings no types) that load.ts uses. */
declare module 'bindings' {
  /** The first of the places in `try` where the addon is; each names options, or is itself a name. */
  function bindings(options: {
    bindings: string;
    module_root: string;
    path: true;
    compiled: string;
    version: string;
    platform: string;
    arch: string;
    try: readonly (readonly string[])[];
  }): string;
  export = bindings;
}
