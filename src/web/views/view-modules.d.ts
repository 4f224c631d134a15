/** Made by the build of the page: every file `<id>.tsx` of this folder, by its id. */
declare module 'view-modules' {
  export const viewModules: Readonly<Record<string, { readonly view: import('./view.ts').View<never> }>>
}
