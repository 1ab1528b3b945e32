/** The part of the `bindings` package (which brings no types) that load.ts uses. */
declare module 'bindings' {
  /** With `path`: where the addon is, instead of the addon. */
  function bindings(options: { bindings: string; module_root: string; path?: true }): unknown;
  export = bindings;
}
