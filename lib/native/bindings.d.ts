/** The part of the `bindings` package (which brings no types) that load.ts uses. */
declare module 'bindings' {
  function bindings(options: { bindings: string; module_root: string }): unknown;
  export = bindings;
}
