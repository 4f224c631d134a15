import { fileURLToPath } from 'node:url'

/** Defects to plant into the service, to show that the fuzz would find them: see the modules in `mutants/`. */
export const PLANTS = [
  'all-tenants',
  'all-tenants-counted',
  'leaked-error',
  'leaked-refusal',
  'other-type',
  'renamed-field',
] as const
export type Plant = (typeof PLANTS)[number]

/** The module that plants it, to be loaded before the service's own. */
export function planted(plant: Plant): string {
  return fileURLToPath(new URL(`./mutants/${plant}.ts`, import.meta.url))
}
