using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Keys;
using Sluice.Registry.Models;

namespace Sluice.Registry.Tokens;

/// <summary>Tokens over HTTP, and what verifies them.</summary>
internal static class TokenEndpoints
{
    private const string KeepForFiveMinutes = "public, max-age=300"; // a new key is published longer than that before it signs

    /// <summary>Adds tokens and their keys.</summary>
    public static WebApplicationBuilder AddTokens(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<TokenOptions>, TokenOptionsValidator>();
        builder.Services.AddOptions<TokenOptions>().BindConfiguration(TokenOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<KeyVault>();
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<AccessTokens>();
        return builder;
    }

    /// <summary>Maps tokens.</summary>
    public static void MapTokens(this IEndpointRouteBuilder app)
    {
        app.MapPost(ApiPaths.Token, Issue).Requires(Scopes.Infer);
        app.MapGet(ApiPaths.TokenKeys, GetKeys).AllowsEverybody();
        app.MapGet(ApiPaths.WellKnownTokenKeys, GetKeys).AllowsEverybody();
        app.MapPost(ApiPaths.ReplaceTokenKeys, Replace).Requires(Scopes.Admin);
    }

    private static async Task<Results<JsonHttpResult<AccessToken>, ProblemHttpResult>> Issue(
        string model, HttpContext context, ModelCatalog catalog, ApiKeys keys, AccessTokens tokens, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        var caller = context.Caller();
        if (caller.Secret is not { } secret || await keys.FindAsync(caller.Name, cancellationToken) is not { } key)
        {
            return Problems.Refused(
                StatusCodes.Status403Forbidden,
                "Authorization: a token is made of an API key (slk_…), and ends with it; neither a token nor a service's secret nor nothing will do.");
        }

        if (!await catalog.HasModelAsync(model, cancellationToken))
        {
            return Problems.NotFound($"There is no model {model}.");
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(await tokens.IssueAsync(model, key, secret, cancellationToken), ContractsJson.Default.AccessToken);
    }

    private static async Task<JsonHttpResult<TokenKeySet>> GetKeys(HttpResponse response, SigningKeys signing, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = KeepForFiveMinutes;
        return TypedResults.Json(await signing.GetPublicAsync(cancellationToken), ContractsJson.Default.TokenKeySet);
    }

    private static async Task<NoContent> Replace(HttpContext context, SigningKeys signing, CancellationToken cancellationToken)
    {
        await signing.ReplaceAsync(context.Caller(), cancellationToken);
        return TypedResults.NoContent();
    }
}
