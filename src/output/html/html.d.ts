/** What the build makes of a page: its text, with script and style in it. */
declare module "*.html" {
  const page: string;
  export default page;
}
