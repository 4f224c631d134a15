/** What is taken out of the service to show that a scenario would notice: see the modules in `sabotage/`. */
export type Sabotage = 'without-look' | 'early-acknowledgement' | 'without-dead-letters' | 'without-closing-off'
