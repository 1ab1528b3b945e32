/** The options of a search for stores. */

export interface DiscoverOptions {
  /** Look below this directory (a container's root, a mounted image) instead of this machine's own. */
  readonly root?: Buffer | undefined;
  /** Ask this interpreter, and look nowhere else but in sescle's own configuration. */
  readonly php?: Buffer | undefined;
  /** The php.ini that the interpreter is to read. */
  readonly ini?: Buffer | undefined;
  /** sescle's configuration file. Default: /etc/sescle/sescle.toml, if it is there. */
  readonly configuration?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The same as it is asked of a process of its own; paths as bytes. */
export interface DiscoveryQuestion extends Omit<DiscoverOptions, 'signal'> {
  /** Nothing but what sescle's own configuration names, by the lifetimes that it gives. */
  readonly isNamedOnly?: boolean | undefined;
}
