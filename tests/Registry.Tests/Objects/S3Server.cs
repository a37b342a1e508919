using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Sluice.Registry.Tests.Objects;

/// <summary>
/// The part of S3's protocol that Sluice speaks: put, upload in parts, get with a range, head, delete, list. A request must be signed with
/// <see cref="AccessKey"/>, and what arrives must have the SHA-256 that the signature names.
/// </summary>
internal sealed class S3Server : ObjectServer
{
    public const string AccessKey = "test-access-key";
    public const string SecretKey = "test-secret-key-0123456789";

    private static readonly XNamespace Names = "http://s3.amazonaws.com/doc/2006-03-01/";

    protected override async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith($"AWS4-HMAC-SHA256 Credential={AccessKey}/", StringComparison.Ordinal) || !authorization.Contains("Signature=", StringComparison.Ordinal))
        {
            await RefuseAsync(context, 403, "InvalidAccessKeyId");
            return;
        }

        var content = await ReadAsync(context);
        if (content.Length > 0 && request.Headers["x-amz-content-sha256"] != Convert.ToHexStringLower(SHA256.HashData(content)))
        {
            await RefuseAsync(context, 400, "XAmzContentSHA256Mismatch");
            return;
        }

        var path = request.Path.Value!.TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var (bucket, key) = slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
        await (bucket == Bucket ? AnswerAsync(context, request.Method, key, content) : RefuseAsync(context, 404, "NoSuchBucket"));
    }

    protected override Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : WriteAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", "No.")));
    }

    private Task AnswerAsync(HttpContext context, string method, string key, byte[] content)
    {
        var query = context.Request.Query;
        var uploadId = query["uploadId"].ToString();
        return (method, key) switch
        {
            ("GET", "") when query.ContainsKey("uploads") => ListUploadsAsync(context),
            ("GET", "") => ListAsync(context),
            ("POST", _) when query.ContainsKey("uploads") => BeginAsync(context, key),
            ("POST", _) when uploadId.Length > 0 => CompleteAsync(context, key, uploadId, content),
            ("PUT", _) when uploadId.Length > 0 => PutPart(context, uploadId, query["partNumber"].ToString(), content),
            ("PUT", _) => Put(context, key, content),
            ("DELETE", _) when uploadId.Length > 0 => Gone(context, Uploads.TryRemove(uploadId, out _)),
            ("DELETE", _) => Gone(context, Objects.TryRemove(key, out _)),
            ("GET" or "HEAD", _) => Objects.TryGetValue(key, out var found)
                ? SendAsync(context, found, context.Request.Headers.Range.FirstOrDefault())
                : RefuseAsync(context, 404, "NoSuchKey"),
            _ => RefuseAsync(context, 405, "MethodNotAllowed"),
        };
    }

    private Task Put(HttpContext context, string key, byte[] content)
    {
        Objects[key] = StoredObject.Of(content);
        context.Response.Headers.ETag = "\"whole\"";
        return Task.CompletedTask;
    }

    private Task PutPart(HttpContext context, string uploadId, string number, byte[] content)
    {
        if (!Uploads.TryGetValue(uploadId, out var upload))
        {
            return RefuseAsync(context, 404, "NoSuchUpload");
        }

        upload.Parts[number.PadLeft(5, '0')] = content;
        context.Response.Headers.ETag = $"\"{number}\"";
        return Task.CompletedTask;
    }

    private Task BeginAsync(HttpContext context, string key)
    {
        var id = Guid.NewGuid().ToString("N");
        Uploads[id] = new PartialObject(key, DateTimeOffset.UtcNow);
        return WriteAsync(context, new XElement(
            Names + "InitiateMultipartUploadResult", new XElement(Names + "Bucket", Bucket), new XElement(Names + "Key", key), new XElement(Names + "UploadId", id)));
    }

    private Task CompleteAsync(HttpContext context, string key, string uploadId, byte[] content)
    {
        var named = XElement.Load(new MemoryStream(content)).Elements().Count(element => element.Name.LocalName == "Part");
        if (!Uploads.TryRemove(uploadId, out var upload) || upload.Parts.Count != named)
        {
            return RefuseAsync(context, 400, "InvalidPart");
        }

        Objects[key] = StoredObject.Of([.. upload.Parts.OrderBy(part => part.Key, StringComparer.Ordinal).SelectMany(part => part.Value)]);
        return WriteAsync(context, new XElement(Names + "CompleteMultipartUploadResult", new XElement(Names + "Key", key), new XElement(Names + "ETag", "\"parts\"")));
    }

    private Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (page, next) = List(query["prefix"].ToString(), query["continuation-token"].FirstOrDefault());
        return WriteAsync(context, new XElement(
            Names + "ListBucketResult",
            new XElement(Names + "Name", Bucket),
            new XElement(Names + "IsTruncated", next is null ? "false" : "true"),
            next is null ? null : new XElement(Names + "NextContinuationToken", next),
            page.Select(pair => new XElement(
                Names + "Contents",
                new XElement(Names + "Key", pair.Key),
                new XElement(Names + "Size", pair.Value.Content.Length),
                new XElement(Names + "LastModified", pair.Value.ModifiedAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture))))));
    }

    private Task ListUploadsAsync(HttpContext context) => WriteAsync(context, new XElement(
        Names + "ListMultipartUploadsResult",
        Uploads.Select(pair => new XElement(
            Names + "Upload",
            new XElement(Names + "Key", pair.Value.Key),
            new XElement(Names + "UploadId", pair.Key),
            new XElement(Names + "Initiated", pair.Value.BegunAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture))))));

    private static Task Gone(HttpContext context, bool _)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task WriteAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(answer.ToString());
    }
}
