import { fileURLToPath } from 'node:url'

/** Defects to plant into the service, to show that the fuzz would find them: see the modules in `plants/`. */
export const PLANTS = [
  'all-tenants',
  'all-tenants-counted',
  'told-error',
  'told-refusal',
  'other-type',
  'renamed-field',
] as const
export type Plant = (typeof PLANTS)[number]

/** The module that plants it, to be loaded before the service's own. */
export function planted(plant: Plant): string {
  return fileURLToPath(new URL(`./plants/${plant}.ts`, import.meta.url))
}
