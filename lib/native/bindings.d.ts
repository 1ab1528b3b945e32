/** The part of the `bindings` package (which brings no types) that load.ts uses. */
declare module 'bindings' {
  /** Where the addon is. */
  function bindings(options: { bindings: string; module_root: string; path: true }): string;
  export = bindings;
}
