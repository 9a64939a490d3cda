/** The issuer that Cognito's tokens of this pool name. */
export function issuerOf(poolId: string): string {
  const [region] = poolId.split("_");
  return `https://cognito-idp.${region}.amazonaws.com/${poolId}`;
}
