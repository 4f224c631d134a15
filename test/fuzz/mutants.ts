import { fileURLToPath } from 'node:url'

/** Defects that the fuzz must find in the service: see the modules in `mutants/`. */
export const MUTANTS = [
  'all-tenants',
  'all-tenants-counted',
  'leaked-error',
  'leaked-refusal',
  'other-type',
  'renamed-field',
] as const
export type Mutant = (typeof MUTANTS)[number]

/** The module that applies the defect, loaded before the modules of the service. */
export function mutantModule(mutant: Mutant): string {
  return fileURLToPath(new URL(`./mutants/${mutant}.ts`, import.meta.url))
}
