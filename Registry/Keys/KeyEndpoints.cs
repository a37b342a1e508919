using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Tokens;

namespace Sluice.Registry.Keys;

/// <summary>Generated JSON of what is noted of keys.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class KeysJson : JsonSerializerContext;

/// <summary>API keys over HTTP. A secret is in the answer that made it and nowhere else.</summary>
internal static class KeyEndpoints
{
    private const string Form =
        """{"name": text, "scopes": [of infer, watch, replica, judge, register, admin], "model": name, optional, "expiresAt": time in the future, optional, "rateLimit": {"requestsPerSecond": number, "burst": whole number, optional}, optional}""";

    private const string LimitForm = """{"requestsPerSecond": number from 0.01 to 1000000, "burst": whole number from 1 to 1000000, optional}""";

    private const int LongestRequest = 64 * 1024; // bytes

    /// <summary>Adds the keys.</summary>
    public static WebApplicationBuilder AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiKeys>();
        return builder;
    }

    /// <summary>Maps the keys.</summary>
    public static void MapKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("").Requires(Scopes.Admin).WithMetadata(new RequestSizeLimitAttribute(LongestRequest));
        keys.MapGet(ApiPaths.Keys, List);
        keys.MapPost(ApiPaths.Keys, Create);
        keys.MapGet(ApiPaths.Key, Get);
        keys.MapDelete(ApiPaths.Key, Delete);
        keys.MapPost(ApiPaths.RegenerateKey, Regenerate);
        keys.MapPut(ApiPaths.KeyRateLimit, SetLimit);
        keys.MapDelete(ApiPaths.KeyRateLimit, RemoveLimit);
    }

    private static async Task<JsonHttpResult<IReadOnlyList<ApiKeyView>>> List(ApiKeys keys, CancellationToken cancellationToken)
    {
        IReadOnlyList<ApiKeyView> views = [.. (await keys.ListAsync(cancellationToken)).Select(ApiKeyView.Of)];
        return TypedResults.Json(views, ContractsJson.Default.IReadOnlyListApiKeyView);
    }

    private static async Task<Results<JsonHttpResult<ApiKeyView>, ProblemHttpResult>> Get(string name, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckName(name) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        return await keys.FindAsync(name, cancellationToken) is { } key
            ? TypedResults.Json(ApiKeyView.Of(key), ContractsJson.Default.ApiKeyView)
            : Unknown(name);
    }

    private static async Task<Results<JsonHttpResult<CreatedApiKey>, ProblemHttpResult>> Create(
        HttpContext context, ApiKeys keys, SigningKeys signing, TimeProvider time, CancellationToken cancellationToken)
    {
        var wish = await JsonBody.ReadAsync(context.Request, ContractsJson.Default.NewApiKey, Form, cancellationToken);
        if (KeyRules.FindProblem(wish, time.GetUtcNow()) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        // Before there is a key there can be no token: gateways know what verifies one long before they meet it.
        await signing.GetSignerAsync(cancellationToken);
        if (await keys.CreateAsync(wish, context.Caller(), cancellationToken) is not { } created)
        {
            return Problems.Refused(StatusCodes.Status409Conflict, $"name: there is a key {wish.Name} already.");
        }

        NeverStore(context.Response);
        context.Response.Headers.Location = ApiPaths.ForKey(wish.Name);
        return TypedResults.Json(created, ContractsJson.Default.CreatedApiKey, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<JsonHttpResult<RegeneratedSecret>, ProblemHttpResult>> Regenerate(
        string name, string? which, HttpContext context, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckName(name) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        if (which is not ("primary" or "secondary"))
        {
            return Problems.Invalid("which", $"'{which}' is none of a key's secrets: primary or secondary is expected");
        }

        var slot = which == "primary" ? KeySlot.Primary : KeySlot.Secondary;
        var (outcome, secret) = await keys.RegenerateAsync(name, slot, context.Caller(), cancellationToken);
        NeverStore(context.Response);
        return outcome switch
        {
            KeyOutcome.Done => TypedResults.Json(secret!, ContractsJson.Default.RegeneratedSecret),
            KeyOutcome.Unknown => Unknown(name),
            _ => Overtaken(name),
        };
    }

    private static async Task<Results<JsonHttpResult<ApiKeyView>, ProblemHttpResult>> SetLimit(
        string name, HttpContext context, ApiKeys keys, CancellationToken cancellationToken)
    {
        var limit = await JsonBody.ReadAsync(context.Request, ContractsJson.Default.RateLimit, LimitForm, cancellationToken);
        return KeyRules.CheckRateLimit(limit) is { } problem ? Problems.Invalid(problem) : await LimitAsync(name, limit, context, keys, cancellationToken);
    }

    private static Task<Results<JsonHttpResult<ApiKeyView>, ProblemHttpResult>> RemoveLimit(
        string name, HttpContext context, ApiKeys keys, CancellationToken cancellationToken) => LimitAsync(name, null, context, keys, cancellationToken);

    private static async Task<Results<JsonHttpResult<ApiKeyView>, ProblemHttpResult>> LimitAsync(
        string name, RateLimit? limit, HttpContext context, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckName(name) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        return await keys.LimitAsync(name, limit, context.Caller(), cancellationToken) is { } key
            ? TypedResults.Json(ApiKeyView.Of(key), ContractsJson.Default.ApiKeyView)
            : Unknown(name);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string name, HttpContext context, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (KeyRules.CheckName(name) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        return await keys.DeleteAsync(name, context.Caller(), cancellationToken) switch
        {
            KeyOutcome.Done => TypedResults.NoContent(),
            KeyOutcome.Unknown => Unknown(name),
            _ => Overtaken(name),
        };
    }

    private static void NeverStore(HttpResponse response) => response.Headers.CacheControl = "no-store";

    private static ProblemHttpResult Unknown(string name) => Problems.NotFound($"There is no key {name}.");

    private static ProblemHttpResult Overtaken(string name) =>
        Problems.Refused(StatusCodes.Status409Conflict, $"Somebody else changed the key {name} at this moment. Look at it and try again.");
}
