/** A style sheet that the build of the page copies as it is: its address, relative to the module that imports it. */
declare module '*.css' {
  const address: string
  export = address
}
