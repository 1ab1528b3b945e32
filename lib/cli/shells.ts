/** The shells whose command lines sescle can complete. */
export const shells = ['bash', 'zsh', 'fish'] as const;
