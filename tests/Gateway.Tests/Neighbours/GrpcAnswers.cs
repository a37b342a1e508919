using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Contracts;
using Sluice.Protos;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>What a predictor answers to gRPC calls, byte for byte, so that a test can make it answer badly.</summary>
internal static class GrpcAnswers
{
    private const string ContentType = "application/grpc";

    public static bool IsCall(HttpContext context) => context.Request.ContentType?.StartsWith(ContentType, StringComparison.Ordinal) == true;

    /// <summary>Answers each message of the call: who answered, and for which version.</summary>
    public static async Task AnswerAsync(HttpContext context, string id)
    {
        var version = context.Request.Headers[SluiceHeaders.Version].ToString();
        var isStream = context.Request.Path.Value!.EndsWith("ModelStreamInfer", StringComparison.Ordinal);
        Begin(context);
        context.Response.Headers[SluiceHeaders.Version] = version;
        while (await ReadAsync(context.Request.Body) is { } bytes)
        {
            var request = bytes.Length > 0 && bytes[0] == 0x1f ? new ModelInferRequest() : ModelInferRequest.Parser.ParseFrom(bytes);
            var answer = new ModelInferResponse { ModelName = request.ModelName, ModelVersion = version, Id = $"{id}|{request.Id}" };
            await WriteAsync(context, isStream ? new ModelStreamInferResponse { InferResponse = answer } : answer);
        }

        End(context, StatusCode.OK);
    }

    public static void Begin(HttpContext context) => context.Response.ContentType = ContentType;

    /// <summary>Ends an answer in its trailers.</summary>
    public static void End(HttpContext context, StatusCode code, FaultClass? fault = null)
    {
        context.Response.AppendTrailer("grpc-status", ((int)code).ToString(CultureInfo.InvariantCulture));
        if (fault is { } whose)
        {
            context.Response.AppendTrailer("grpc-message", "it failed");
            context.Response.AppendTrailer(SluiceHeaders.Fault, whose.Label());
        }
    }

    /// <summary>Answers by headers alone, as servers do that failed before they had anything to say.</summary>
    public static async Task FailAsync(HttpContext context, StatusCode code, FaultClass? fault = null)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Begin(context);
        context.Response.Headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = "it failed";
        if (fault is { } whose)
        {
            context.Response.Headers[SluiceHeaders.Fault] = whose.Label();
        }
    }

    /// <summary>Fails after some of an answer.</summary>
    public static async Task FailLateAsync(HttpContext context, StatusCode code, FaultClass fault)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Begin(context);
        await WriteAsync(context, new ModelInferResponse { Id = "half" });
        End(context, code, fault);
    }

    /// <summary>Sends some of an answer and breaks off.</summary>
    public static async Task BreakOffAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Begin(context);
        await WriteAsync(context, new ModelInferResponse { Id = "half" });
        context.Features.Get<IHttpResetFeature>()!.Reset(2);
    }

    /// <summary>A message behind its header.</summary>
    public static byte[] Frame(byte[] message, bool isCompressed = false)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public static async Task WriteAsync(HttpContext context, IMessage message) => await context.Response.Body.WriteAsync(Frame(message.ToByteArray()));

    /// <summary>The next message of a call; null after the last.</summary>
    public static async Task<byte[]?> ReadAsync(Stream body)
    {
        var header = new byte[5];
        if (await body.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false) < 5)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1))];
        await body.ReadExactlyAsync(message);
        return message;
    }
}
