import { Type } from '@sinclair/typebox'

/** Whether the engagement of a bucket may be compared with that of older ones. */
export const matureSchema = Type.Boolean({
  description: 'False until 7 days after the end of the bucket: its messages may still be opened and clicked.',
})
