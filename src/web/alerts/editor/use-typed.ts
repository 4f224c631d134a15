import { useSignal } from '@preact/signals'

/** The properties of an input whose text is taken over when it is complete: when the focus leaves it, or with Enter. Until then a redraw does not replace what the user types. */
export function useTyped(value: string, onComplete: (text: string) => void) {
  const typed = useSignal<string | undefined>(undefined)
  return {
    value: typed.value ?? value,
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      void (typed.value = currentTarget.value),
    onChange: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
      typed.value = undefined
      onComplete(currentTarget.value)
    },
  }
}
