/** The files of the page, as texts; `packaging/page.ts` makes them of `src/page` when the sources are compiled. */
export declare const PAGE_FILES: {
  readonly html: string;
  readonly css: string;
  /** One module, small. */
  readonly script: string;
  /** SVG. */
  readonly icon: string;
};
