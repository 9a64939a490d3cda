import {
  ACCESS_TOKEN_MINUTES,
  GROUPS,
  PROGRAM_SCOPES,
  type Program,
  RESOURCE_SERVER,
  SCOPES,
  type Scope,
} from "@cloud-design/core/identity/scopes";
import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { Duration } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  type CfnUserPoolClient,
  CfnUserPoolGroup,
  FeaturePlan,
  LambdaVersion,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  UserPoolOperation,
} from "aws-cdk-lib/aws-cognito";
import { type StackContext, use } from "sst/constructs";
import { isLive } from "./constructs/live.ts";
import { removalPolicyOf } from "./constructs/log-group.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { Site } from "./site.ts";

/** The callers: people sign in on Cognito's page (code + PKCE), programs use client credentials. The token's scopes open the routes. */
export function Identity({ stack, app }: StackContext) {
  const { siteUrl } = use(Site);
  const settings = stageSettings(app.stage);
  const userPool = new UserPool(stack, "UserPool", {
    // A demo store invites its people; a public store sets this to true.
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(1),
    },
    // An authenticator app only: a text message costs money, and a stolen phone number would receive it.
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    // The cheapest plan that can change the scopes of an access token and has managed login: free up to 10,000 users a month.
    featurePlan: FeaturePlan.ESSENTIALS,
    deletionProtection: settings.keepsData,
    removalPolicy: removalPolicyOf(settings),
  });
  const tokenScopes = nodeFunction(stack, "TokenScopes", {
    handler: "packages/functions/src/token-scopes/lambda.handler",
    memorySize: 256, // no library and no network: the smallest size at which Node starts quickly
    timeout: 5, // Cognito waits no longer
    settings,
    isLive: isLive(app, "token-scopes"),
  });
  userPool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, tokenScopes, LambdaVersion.V2_0);
  for (const groupName of GROUPS)
    new CfnUserPoolGroup(stack, `Group-${groupName}`, { userPoolId: userPool.userPoolId, groupName });

  const domain = userPool.addDomain("Domain", {
    // A domain prefix is unique in a region over all accounts, hence the account's number.
    cognitoDomain: { domainPrefix: nameOf(stack, app.account) },
    managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  });
  const { webClient, machineClient, probeClient, smokeClient, seedClient } = createClients(userPool, {
    siteUrl,
    corsOrigins: settings.corsOrigins,
  });
  new CfnManagedLoginBranding(stack, "Branding", {
    userPoolId: userPool.userPoolId,
    clientId: webClient.userPoolClientId,
    useCognitoProvidedValues: true,
  });

  const tokenUrl = `${domain.baseUrl()}/oauth2/token`;
  const secret = `aws cognito-idp describe-user-pool-client --region ${app.region} --user-pool-id ${userPool.userPoolId} --client-id ${machineClient.userPoolClientId} --query UserPoolClient.ClientSecret --output text`;
  stack.addOutputs({
    UserPoolId: userPool.userPoolId,
    WebClientId: webClient.userPoolClientId,
    MachineClientId: machineClient.userPoolClientId,
    SmokeClientId: smokeClient.userPoolClientId,
    SeedClientId: seedClient.userPoolClientId,
    SignInUrl: domain.baseUrl(),
    // The secret goes through curl's configuration on standard input, written by the shell itself: `ps` shows the arguments of every program.
    TokenCommand: `printf 'user = "%s:%s"' ${machineClient.userPoolClientId} "$(${secret})" | curl -s -K - -d grant_type=client_credentials ${tokenUrl}`,
  });
  const clients = [webClient, machineClient, probeClient, smokeClient, seedClient];
  return {
    userPool,
    clients,
    probeClient,
    tokenUrl,
    tokenScopes,
    // The settings by which a service checks a token.
    verification: {
      COGNITO_USER_POOL_ID: userPool.userPoolId,
      COGNITO_CLIENT_IDS: clients.map(({ userPoolClientId }) => userPoolClientId).join(","),
    },
  };
}

function createClients(
  userPool: UserPool,
  { siteUrl, corsOrigins }: { siteUrl: string; corsOrigins: readonly string[] },
) {
  const scopes = Object.fromEntries(
    SCOPES.map((name) => [name, new ResourceServerScope({ scopeName: name, scopeDescription: name })]),
  ) as Record<Scope, ResourceServerScope>;
  const server = userPool.addResourceServer("Api", {
    identifier: RESOURCE_SERVER,
    scopes: Object.values(scopes),
  });
  const oauthScopesOf = (names: readonly Scope[]) =>
    names.map((name) => OAuthScope.resourceServer(server, scopes[name]));
  const pages = [siteUrl, ...corsOrigins].map((origin) => `${origin}/`);

  const webClient = userPool.addClient("Web", {
    generateSecret: false, // a browser cannot keep one; PKCE takes its place
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.minutes(ACCESS_TOKEN_MINUTES),
    idTokenValidity: Duration.minutes(ACCESS_TOKEN_MINUTES),
    refreshTokenValidity: Duration.days(1),
    oAuth: {
      flows: { authorizationCodeGrant: true },
      // All scopes: the trigger removes `movies.admin` from the tokens of users outside the group.
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE, ...oauthScopesOf(SCOPES)],
      callbackUrls: pages,
      logoutUrls: pages,
    },
  });
  const web = webClient.node.defaultChild as CfnUserPoolClient;
  // No password or SRP flow: their tokens never carry the API's scopes. Refresh token rotation forbids REFRESH_TOKEN_AUTH, and an empty list
  // would allow every flow. This one does nothing without a trigger of its own, which the pool does not have.
  web.explicitAuthFlows = ["ALLOW_CUSTOM_AUTH"];
  // Reuse of a rotated refresh token reveals a theft; the seconds are for a client that lost the answer on its way.
  web.refreshTokenRotation = { feature: "ENABLED", retryGracePeriodSeconds: 10 };

  return { webClient, ...createPrograms(userPool, oauthScopesOf) };
}

/** How long a program's token lasts. Each token costs $0.00225, and a program with the secret can always get the next one. */
const LIFETIMES: Record<Capitalize<Program>, Duration> = {
  Machine: Duration.hours(1),
  // The longest that Cognito allows: the token opens only reads of films and of its own orders, and a token an hour would cost $1.60 a month.
  Probe: Duration.days(1),
  Smoke: Duration.hours(1),
  Seed: Duration.hours(1),
};

/** One client for each program costs nothing: Cognito bills only the tokens. */
function createPrograms(userPool: UserPool, oauthScopesOf: (names: readonly Scope[]) => OAuthScope[]) {
  const create = (program: Program) => {
    const id = `${program.charAt(0).toUpperCase()}${program.slice(1)}` as Capitalize<Program>;
    const client = userPool.addClient(id, {
      generateSecret: true,
      enableTokenRevocation: true,
      accessTokenValidity: LIFETIMES[id],
      oAuth: {
        flows: { clientCredentials: true },
        scopes: oauthScopesOf(PROGRAM_SCOPES[program]),
      },
    });
    (client.node.defaultChild as CfnUserPoolClient).explicitAuthFlows = ["ALLOW_REFRESH_TOKEN_AUTH"];
    return client;
  };
  return {
    machineClient: create("machine"),
    probeClient: create("probe"),
    smokeClient: create("smoke"),
    seedClient: create("seed"),
  };
}
