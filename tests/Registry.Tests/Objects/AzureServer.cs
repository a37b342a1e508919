using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Sluice.Registry.Tests.Objects;

/// <summary>
/// The part of Azure Blob Storage's protocol that Sluice speaks: put, blocks and their list, get with a range, head, delete, list. A request must bear the
/// account's signature, and what arrives must have the MD5 that was told.
/// </summary>
internal sealed class AzureServer : ObjectServer
{
    public const string Account = "testaccount";

    /// <summary>The account's address.</summary>
    public Uri Endpoint => new(Address, Account);

    public static readonly string AccountKey = Convert.ToBase64String(Encoding.ASCII.GetBytes("test-account-key-0123456789"));

    protected override async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Headers.Authorization.ToString().StartsWith($"SharedKey {Account}:", StringComparison.Ordinal))
        {
            await RefuseAsync(context, 403, "AuthenticationFailed");
            return;
        }

        var content = await ReadAsync(context);
#pragma warning disable CA5351 // the protocol's own check
        if (request.Headers.ContentMD5.FirstOrDefault() is { } md5 && md5 != Convert.ToBase64String(MD5.HashData(content)))
#pragma warning restore CA5351
        {
            await RefuseAsync(context, 400, "Md5Mismatch");
            return;
        }

        // As of an emulator: where the host is an address, the account stands in the path.
        var path = request.Path.Value![$"/{Account}".Length..].TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var (container, name) = slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
        await (container == Bucket ? AnswerAsync(context, request.Method, name, content) : RefuseAsync(context, 404, "ContainerNotFound"));
    }

    protected override Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["x-ms-error-code"] = code;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : WriteAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", "No.")));
    }

    private Task AnswerAsync(HttpContext context, string method, string name, byte[] content)
    {
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        context.Response.Headers["x-ms-version"] = "2023-01-03";
        return (method, name, context.Request.Query["comp"].ToString()) switch
        {
            ("GET", "", "list") => ListAsync(context),
            ("PUT", _, "block") => PutBlock(context, name, content),
            ("PUT", _, "blocklist") => CommitAsync(context, name, content),
            ("PUT", _, "") => Put(context, name, content),
            ("DELETE", _, _) => Objects.TryRemove(name, out _) ? Created(context, 202) : RefuseAsync(context, 404, "BlobNotFound"),
            ("GET" or "HEAD", _, _) => Objects.TryGetValue(name, out var found) ? SendBlobAsync(context, found) : RefuseAsync(context, 404, "BlobNotFound"),
            _ => RefuseAsync(context, 405, "UnsupportedHttpVerb"),
        };
    }

    private Task SendBlobAsync(HttpContext context, StoredObject found)
    {
        context.Response.Headers["x-ms-blob-type"] = "BlockBlob";
        var headers = context.Request.Headers;
        return SendAsync(context, found, headers["x-ms-range"].FirstOrDefault() ?? headers.Range.FirstOrDefault());
    }

    private Task Put(HttpContext context, string name, byte[] content)
    {
        Objects[name] = StoredObject.Of(content);
        return Created(context);
    }

    // Blocks that are not committed are named by their blob: as in Azure, they are no blob.
    private Task PutBlock(HttpContext context, string name, byte[] content)
    {
        Uploads.GetOrAdd(name, _ => new PartialObject(name, DateTimeOffset.UtcNow)).Parts[context.Request.Query["blockid"].ToString()] = content;
        return Created(context);
    }

    private Task CommitAsync(HttpContext context, string name, byte[] content)
    {
        var ids = XElement.Load(new MemoryStream(content)).Elements().Select(block => block.Value).ToList();
        if (!Uploads.TryGetValue(name, out var upload) || !ids.TrueForAll(upload.Parts.ContainsKey))
        {
            return RefuseAsync(context, 400, "InvalidBlockList");
        }

        Objects[name] = StoredObject.Of([.. ids.SelectMany(id => upload.Parts[id])]);
        Uploads.TryRemove(name, out _);
        return Created(context);
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (page, next) = List(query["prefix"].ToString(), query["marker"].FirstOrDefault());
        return WriteAsync(context, new XElement(
            "EnumerationResults",
            new XAttribute("ServiceEndpoint", Address),
            new XAttribute("ContainerName", Bucket),
            new XElement("Blobs", page.Select(pair => new XElement(
                "Blob",
                new XElement("Name", pair.Key),
                new XElement(
                    "Properties",
                    new XElement("Last-Modified", pair.Value.ModifiedAt.ToString("R")),
                    new XElement("Etag", "0x1"),
                    new XElement("Content-Length", pair.Value.Content.Length),
                    new XElement("BlobType", "BlockBlob"))))),
            new XElement("NextMarker", next ?? "")));
    }

    private static Task Created(HttpContext context, int status = 201)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.ETag = "\"0x1\"";
        context.Response.Headers.LastModified = DateTimeOffset.UtcNow.ToString("R");
        return Task.CompletedTask;
    }

    private static Task WriteAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(answer.ToString());
    }
}
