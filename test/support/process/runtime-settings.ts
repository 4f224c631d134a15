/** The settings of the runtime with which `npm start` and the container start the service. Deno ignores them. */
export const RUNTIME_SETTINGS = {
  MIMALLOC_PURGE_DELAY: '2000',
  BUN_JSC_useWarmUpMarkedBlocks: '0',
  BUN_JSC_minEdenToOldGenerationRatio: '0.5',
  BUN_JSC_smallHeapGrowthFactor: '1.5',
}

/** The settings of `npm start`: the container has another size of memory, and no embedded engine, which is the only reader of the last one. */
export const START_SETTINGS = {
  ...RUNTIME_SETTINGS,
  BUN_JSC_forceRAMSize: '400000000',
  JE_MALLOC_CONF: 'dirty_decay_ms:1000',
}
