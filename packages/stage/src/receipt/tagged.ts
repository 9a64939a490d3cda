import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
import type { AwsAccess } from "../aws-access.ts";
import { APP, all, patient } from "./found.ts";

/** ARNs with the tags that SST puts on every resource of a stage. Some types are missing, and deleted resources remain for a while. */
export async function taggedWith(stage: string, access: AwsAccess): Promise<Set<string>> {
  const client = new ResourceGroupsTaggingAPIClient(patient(access));
  const TagFilters = [
    { Key: "sst:app", Values: [APP] },
    { Key: "sst:stage", Values: [stage] },
  ];
  const pages = paginateGetResources({ client, pageSize: 100 }, { TagFilters });
  const mappings = await all(pages, (page) => page.ResourceTagMappingList);
  return new Set(mappings.flatMap(({ ResourceARN }) => ResourceARN ?? []));
}
