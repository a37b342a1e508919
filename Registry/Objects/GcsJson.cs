using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Registry.Objects;

/// <summary>What is told to Google before an upload.</summary>
/// <param name="Md5Hash">The content's MD5, base64.</param>
internal sealed record GcsUpload(string Md5Hash);

/// <summary>Generated JSON of what is told to Google.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(GcsUpload))]
internal sealed partial class GcsJson : JsonSerializerContext;
