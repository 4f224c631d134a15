/** What is taken out of the service to show that a scenario would notice: see the modules in `mutants/`. */
export type Mutant =
  | 'without-lookup'
  | 'without-index'
  | 'early-acknowledgement'
  | 'without-dead-letters'
  | 'without-fence'
  | 'without-repeated-facts'
