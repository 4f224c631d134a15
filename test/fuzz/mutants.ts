import { fileURLToPath } from 'node:url'

/** Defects to put into the service, to show that the fuzz finds them: see the modules in `mutants/`. */
export const MUTANTS = [
  'all-tenants',
  'all-tenants-counted',
  'leaked-error',
  'leaked-refusal',
  'other-type',
  'renamed-field',
] as const
export type Mutant = (typeof MUTANTS)[number]

/** The module that puts it there, to be loaded before the service's own. */
export function mutantModule(mutant: Mutant): string {
  return fileURLToPath(new URL(`./mutants/${mutant}.ts`, import.meta.url))
}
