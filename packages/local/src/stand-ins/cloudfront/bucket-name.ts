/** The bucket of the site, to which the probe writes the status. */
export const BUCKET = "site";
