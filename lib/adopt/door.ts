/**
 * The public door to adoption. What does the work is loaded when it is called.
 */
import type { AdoptionPlan, AdoptOptions } from './adopt.js';

export type { AdoptionPlan, AdoptOptions } from './adopt.js';

/** Plans to make stores of directories, or with `undo` to make them none; writes nothing. */
export async function planAdoption(
  directories: readonly Buffer[],
  { undo = false, ...options }: AdoptOptions & { readonly undo?: boolean | undefined } = {},
): Promise<AdoptionPlan> {
  const adopt = await import('./adopt.js');
  return undo ? adopt.planUndo(directories, options) : adopt.planAdoption(directories, options);
}

/** Writes what was planned. Returns the monitors that were told to read it. */
export async function applyAdoption(plan: AdoptionPlan): Promise<number[]> {
  const adopt = await import('./adopt.js');
  return adopt.applyPlan(plan);
}
