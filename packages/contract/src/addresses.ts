/** The token address on the laptop; a stage's documents name the stage's own. */
export const LAPTOP_SIGN_IN = "http://localhost:9000";

/** The path behind the address of a stage's sign-in page, and behind the laptop's. */
export const TOKEN_PATH = "/oauth2/token";
export const AUTHORIZE_PATH = "/oauth2/authorize";

/** The notes on these addresses in the OpenAPI document. */
export const LAPTOP_NOTE = "The addresses are the laptop's; a deployment prints its own.";
export const STAGE_NOTE = "The addresses are those of the stage that this document comes from.";

/** Stands for the site's own address, which CloudFront gives only after the documents are built. */
export const SITE_PLACEHOLDER = "https://site.invalid";
