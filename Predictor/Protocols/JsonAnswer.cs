using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Predictor.Protocols;

/// <summary>How answers are written.</summary>
internal static class JsonAnswer
{
    /// <summary>Without checks of our own order, and without escapes that only HTML needs: answers are application/json.</summary>
    public static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
