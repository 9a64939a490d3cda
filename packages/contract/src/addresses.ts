/** Where tokens come from on the laptop; a stage's site names the stage's own. */
export const LAPTOP_SIGN_IN = "http://localhost:9000";

/** Behind the address of a stage's sign-in page as behind the laptop's. */
export const TOKEN_PATH = "/oauth2/token";
export const AUTHORIZE_PATH = "/oauth2/authorize";

/** What the OpenAPI document says of these addresses. */
export const LAPTOP_NOTE = "The addresses are the laptop's; a deployment prints its own.";
export const STAGE_NOTE = "The addresses are those of the stage that this document comes from.";

/** Stands for the site's own address, which CloudFront gives only when the documents are long made. */
export const SITE_PLACEHOLDER = "https://site.invalid";
