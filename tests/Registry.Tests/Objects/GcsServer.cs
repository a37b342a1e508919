using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Sluice.Registry.Tests.Objects;

/// <summary>
/// The part of Cloud Storage's JSON API that Sluice speaks: resumable uploads, get with a range, metadata, delete, list; and the metadata server that gives
/// the tokens. A request must bear such a token, and what arrives must have the MD5 that was told.
/// </summary>
internal sealed class GcsServer : ObjectServer
{
    public const string Token = "ya29.test-token";

    private const string ObjectsPath = $"/storage/v1/b/{Bucket}/o";

    /// <summary>How many tokens were given.</summary>
    public int TokensGiven { get; private set; }

    protected override bool IsQuiet(string path) => path.StartsWith("/computeMetadata/", StringComparison.Ordinal);

    protected override async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (IsQuiet(path))
        {
            await GiveTokenAsync(context);
        }
        else if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            await RefuseAsync(context, 401, "authError");
        }
        else if (path == $"/upload{ObjectsPath}")
        {
            await BeginAsync(context);
        }
        else if (path.StartsWith("/session/", StringComparison.Ordinal))
        {
            await UploadAsync(context, path["/session/".Length..]);
        }
        else if (path == ObjectsPath)
        {
            await ListAsync(context);
        }
        else if (path.StartsWith(ObjectsPath + "/", StringComparison.Ordinal))
        {
            await AnswerAsync(context, Uri.UnescapeDataString(path[(ObjectsPath.Length + 1)..]));
        }
        else
        {
            await RefuseAsync(context, 404, "notFound");
        }
    }

    protected override Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = code } });
    }

    private Task AnswerAsync(HttpContext context, string key)
    {
        if (!Objects.TryGetValue(key, out var found))
        {
            return RefuseAsync(context, 404, "notFound");
        }

        switch (context.Request.Method)
        {
            case "DELETE":
                Objects.TryRemove(key, out _);
                context.Response.StatusCode = 204;
                return Task.CompletedTask;
            case "GET" when context.Request.Query["alt"] == "media":
                return SendAsync(context, found, context.Request.Headers.Range.FirstOrDefault());
            default:
                return WriteAsync(context, InfoOf(key, found));
        }
    }

    private async Task BeginAsync(HttpContext context)
    {
        var told = JsonSerializer.Deserialize<JsonElement>(await ReadAsync(context));
        var id = Guid.NewGuid().ToString("N");
        var upload = new PartialObject(context.Request.Query["name"].ToString(), DateTimeOffset.UtcNow);
        upload.Parts["md5"] = Convert.FromBase64String(told.GetProperty("md5Hash").GetString()!);
        upload.Parts["content"] = [];
        Uploads[id] = upload;
        context.Response.Headers.Location = $"{Address}session/{id}";
    }

    private async Task UploadAsync(HttpContext context, string id)
    {
        if (!Uploads.TryGetValue(id, out var upload))
        {
            await RefuseAsync(context, 404, "notFound");
            return;
        }

        if (HttpMethods.IsDelete(context.Request.Method))
        {
            Uploads.TryRemove(id, out _);
            context.Response.StatusCode = 499;
            return;
        }

        var content = await ReadAsync(context);
        var total = int.Parse(context.Request.Headers.ContentRange.ToString().Split('/')[1], CultureInfo.InvariantCulture);
        upload.Parts["content"] = [.. upload.Parts["content"], .. content];
        await (upload.Parts["content"].Length < total ? AskForMore(context, upload) : FinishAsync(context, id, upload));
    }

    private static Task AskForMore(HttpContext context, PartialObject upload)
    {
        context.Response.StatusCode = 308;
        if (upload.Parts["content"].Length > 0)
        {
            context.Response.Headers.Range = $"bytes=0-{upload.Parts["content"].Length - 1}";
        }

        return Task.CompletedTask;
    }

    private Task FinishAsync(HttpContext context, string id, PartialObject upload)
    {
        Uploads.TryRemove(id, out _);
#pragma warning disable CA5351 // the protocol's own check
        if (!MD5.HashData(upload.Parts["content"]).SequenceEqual(upload.Parts["md5"]))
#pragma warning restore CA5351
        {
            return RefuseAsync(context, 400, "invalid");
        }

        Objects[upload.Key] = StoredObject.Of(upload.Parts["content"]);
        return WriteAsync(context, InfoOf(upload.Key, Objects[upload.Key]));
    }

    private Task ListAsync(HttpContext context)
    {
        var (page, next) = List(context.Request.Query["prefix"].ToString(), context.Request.Query["pageToken"].FirstOrDefault());
        var answer = new JsonObject { ["items"] = new JsonArray([.. page.Select(pair => InfoOf(pair.Key, pair.Value))]) };
        if (next is not null)
        {
            answer["nextPageToken"] = next;
        }

        return WriteAsync(context, answer);
    }

    private Task GiveTokenAsync(HttpContext context)
    {
        TokensGiven++;
        return context.Request.Headers["Metadata-Flavor"] == "Google"
            ? context.Response.WriteAsync($$"""{"access_token": "{{Token}}", "expires_in": 3599, "token_type": "Bearer"}""")
            : RefuseAsync(context, 403, "Metadata-Flavor is missing");
    }

    private static JsonObject InfoOf(string key, StoredObject found) => new()
    {
        ["name"] = key,
        ["size"] = found.Content.Length.ToString(CultureInfo.InvariantCulture),
        ["updated"] = found.ModifiedAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
    };

    private static Task WriteAsync(HttpContext context, JsonObject answer)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString());
    }
}
