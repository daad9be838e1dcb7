// The language that the page speaks: all of its text is in one file, and another language is another file in its place.
export * from './text/en';
