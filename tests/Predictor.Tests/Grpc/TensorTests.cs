using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Sluice.Contracts;
using Sluice.Protos;

namespace Sluice.Predictor.Tests.Grpc;

public sealed class TensorTests(GrpcServer server) : IClassFixture<GrpcServer>
{
    public static TheoryData<string> Typed => [.. Tensors.Typed];

    public static TheoryData<string> Datatypes => [.. Tensors.Datatypes];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Typed))]
    public async Task Typed_tensors_come_back_typed(string datatype)
    {
        var answer = await InferAsync(Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, Tensors.Contents(datatype), 2, 2));

        var output = Assert.Single(answer.Outputs);
        Assert.Equal(("y", datatype), (output.Name, output.Datatype));
        Assert.Equal([2, 2], output.Shape);
        Assert.Equal(Tensors.Contents(datatype), output.Contents);
        Assert.Empty(answer.RawOutputContents);
    }

    [Theory]
    [MemberData(nameof(Datatypes))]
    public async Task Raw_tensors_come_back_raw(string datatype)
    {
        var answer = await InferAsync(Tensors.RawRequest(GrpcServer.Identity(datatype), datatype, Tensors.Raw(datatype), 2, 2));

        var output = Assert.Single(answer.Outputs);
        Assert.Equal(("y", datatype), (output.Name, output.Datatype));
        Assert.Equal([2, 2], output.Shape);
        Assert.Null(output.Contents);
        Assert.Equal(Tensors.Raw(datatype), Assert.Single(answer.RawOutputContents).ToByteArray());
    }

    [Theory]
    [MemberData(nameof(Datatypes))]
    public async Task Tensors_without_elements_are_taken_in_both_forms(string datatype)
    {
        var raw = await InferAsync(Tensors.RawRequest(GrpcServer.Identity(datatype), datatype, [], 0, 2));

        Assert.Equal([0, 2], raw.Outputs[0].Shape);
        Assert.Equal(ByteString.Empty, Assert.Single(raw.RawOutputContents));
        if (Tensors.Typed.Contains(datatype))
        {
            var typed = await InferAsync(Tensors.Request(GrpcServer.Identity(datatype), datatype, 0, 2));
            Assert.Equal([0, 2], typed.Outputs[0].Shape);
            Assert.Empty(typed.RawOutputContents);
        }
    }

    [Fact]
    public async Task Scalar_has_no_dimensions_and_one_element()
    {
        var answer = await InferAsync(Tensors.TypedRequest("scalar", Datatype.Fp32, new() { Fp32Contents = { 4.5f } }));

        Assert.Empty(answer.Outputs[0].Shape);
        Assert.Equal([4.5f], answer.Outputs[0].Contents.Fp32Contents);
    }

    [Fact]
    public async Task Answer_names_model_version_and_id()
    {
        var request = Tensors.Line(1);
        (request.Id, request.ModelVersion) = ("ä-1", "1");

        var answer = await InferAsync(request);

        Assert.Equal(("line", "1", "ä-1"), (answer.ModelName, answer.ModelVersion, answer.Id));
        Assert.Equal("", (await InferAsync(Tensors.Line(1))).Id);
    }

    [Fact]
    public async Task Headers_name_version_and_digest_of_what_answered()
    {
        using var call = server.Inference.ModelInferAsync(Tensors.Line(1), cancellationToken: Cancellation);

        var headers = await call.ResponseHeadersAsync;

        Assert.Equal("1", headers.GetValue(SluiceHeaders.Version));
        Assert.StartsWith("sha256:", headers.GetValue(SluiceHeaders.Digest));
        await call;
    }

    [Fact]
    public async Task Metadata_pins_the_version_and_may_not_contradict_the_message()
    {
        var request = Tensors.Line(1);
        var pinned = new Metadata { { SluiceHeaders.Version, "9" } };
        await RpcAssert.FailsAsync(
            server.Inference.ModelInferAsync(request, pinned, cancellationToken: Cancellation).ResponseAsync, StatusCode.NotFound, FaultClass.Client, "Version 9 of model line is unknown");

        request.ModelVersion = "1";
        await RpcAssert.FailsAsync(
            server.Inference.ModelInferAsync(request, pinned, cancellationToken: Cancellation).ResponseAsync, StatusCode.InvalidArgument, FaultClass.Client, "model_version is \"1\"");
    }

    [Fact]
    public async Task Metadata_may_name_the_model_and_may_not_contradict_the_message()
    {
        var request = Tensors.Line(1);
        request.ModelName = "";
        var line = new Metadata { { SluiceHeaders.Model, "line" } };
        Assert.Equal("line", (await server.Inference.ModelInferAsync(request, line, cancellationToken: Cancellation)).ModelName);

        request.ModelName = "cube";
        await RpcAssert.FailsAsync(
            server.Inference.ModelInferAsync(request, line, cancellationToken: Cancellation).ResponseAsync, StatusCode.InvalidArgument, FaultClass.Client, "model_name is \"cube\"");
    }

    [Fact]
    public async Task Requested_outputs_come_in_the_order_asked_for()
    {
        var request = Two();
        Assert.Equal(["sum", "difference"], Names(await InferAsync(request)));

        request.Outputs.Add([new() { Name = "difference" }, new() { Name = "sum" }]);
        var both = await InferAsync(request);
        Assert.Equal(["difference", "sum"], Names(both));
        Assert.Equal([4, 4], both.Outputs[0].Contents.Fp32Contents);
        Assert.Equal([6, 8], both.Outputs[1].Contents.Fp32Contents);

        request.Outputs.RemoveAt(1);
        Assert.Equal(["difference"], Names(await InferAsync(request)));
    }

    [Fact]
    public async Task Inputs_may_come_in_any_order_and_raw_contents_follow_them()
    {
        var request = new ModelInferRequest
        {
            ModelName = "two",
            Inputs = { Tensors.Input("b", Datatype.Fp32, 1, 2), Tensors.Input("a", Datatype.Fp32, 1, 2) },
            RawInputContents = { ByteString.CopyFrom(Tensors.Bytes(1f, 2f)), ByteString.CopyFrom(Tensors.Bytes(5f, 6f)) },
            Outputs = { new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "difference" } },
        };

        Assert.Equal(Tensors.Bytes(4f, 4f), (await InferAsync(request)).RawOutputContents[0].ToByteArray());
    }

    [Fact]
    public async Task Number_that_is_none_is_an_answer_like_any_other()
    {
        var answer = await InferAsync(Tensors.TypedRequest("root", Datatype.Fp32, new() { Fp32Contents = { 4, -1 } }, 2));

        Assert.Equal([2, float.NaN], answer.Outputs[0].Contents.Fp32Contents);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eight_mebibytes_go_there_and_back(bool compressed)
    {
        var values = new float[2 * 1024 * 1024];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = i;
        }

        var headers = new Metadata();
        if (compressed)
        {
            headers.Add("grpc-internal-encoding-request", "gzip");
            headers.Add(SluiceHeaders.Model, "line"); // a gateway cannot read it from a compressed message
        }

        var answer = await server.Inference.ModelInferAsync(Tensors.RawRequest("line", Datatype.Fp32, Tensors.Bytes(values), values.Length), headers, cancellationToken: Cancellation);

        Assert.True(answer.RawOutputContents[0].Span.SequenceEqual(Tensors.Bytes(values)));
    }

    [Theory]
    [InlineData("FP32", "[1.5,-2,0.1,3.4028235e38]")]
    [InlineData("FP64", "[1.5,-2,0.1,1e300]")]
    [InlineData("INT32", "[2147483647,-2147483648,0,7]")]
    [InlineData("INT64", "[9223372036854775807,-9223372036854775808,0,7]")]
    [InlineData("UINT8", "[0,255,1,128]")]
    [InlineData("UINT64", "[18446744073709551615,0,1,2]")]
    [InlineData("INT8", "[-128,127,-1,0]")]
    [InlineData("BOOL", "[true,false,false,true]")]
    [InlineData("BYTES", "[\"\",\"ä\",\"b\",\"\\u0000\"]")]
    public async Task Rest_gives_the_same_answer(string datatype, string data)
    {
        Assert.SkipWhen(server.Rest is null, "REST is not at the address that was given.");
        var rest = await server.Rest!.InferAsync(
            GrpcServer.Identity(datatype), $$"""{"id":"a","inputs":[{"name":"x","shape":[2,2],"datatype":"{{datatype}}","data":{{data}}}]}""");
        var expected = rest.Json.GetProperty("outputs")[0];
        var contents = Parse(datatype, [.. expected.GetProperty("data").EnumerateArray()]);

        var request = Tensors.TypedRequest(GrpcServer.Identity(datatype), datatype, contents, 2, 2);
        request.Id = "a";
        var answer = await InferAsync(request);

        Assert.Equal(contents, answer.Outputs[0].Contents);
        Assert.Equal(rest.Json.GetProperty("model_version").GetString(), answer.ModelVersion);
        Assert.Equal(rest.Json.GetProperty("id").GetString(), answer.Id);
        Assert.Equal(expected.GetProperty("name").GetString(), answer.Outputs[0].Name);
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), answer.Outputs[0].Shape);
    }

    [Fact]
    public async Task Stream_answers_each_request_in_order_and_goes_on_after_a_failure()
    {
        using var call = server.Inference.ModelStreamInfer(cancellationToken: Cancellation);
        var answers = new List<ModelStreamInferResponse>();
        var reading = Task.Run(
            async () =>
            {
                while (await call.ResponseStream.MoveNext(Cancellation))
                {
                    answers.Add(call.ResponseStream.Current);
                }
            },
            Cancellation);

        for (var i = 0; i < 100; i++)
        {
            var request = i % 10 == 3 ? Tensors.Request("nothing", Datatype.Fp32, 1) : Tensors.Line(i);
            request.Id = i.ToString(CultureInfo.InvariantCulture);
            await call.RequestStream.WriteAsync(request, Cancellation);
        }

        await call.RequestStream.CompleteAsync();
        await reading;

        Assert.Equal(Enumerable.Range(0, 100).Select(i => i.ToString(CultureInfo.InvariantCulture)), answers.Select(answer => answer.InferResponse.Id));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(i % 10 == 3, answers[i].ErrorMessage.Length > 0);
            Assert.True(i % 10 != 3 || GrpcServer.Given is not null || answers[i].ErrorMessage == "Model nothing is unknown.", answers[i].ErrorMessage);
            Assert.Equal(i % 10 == 3 ? [] : [(float)i], answers[i].InferResponse.Outputs.SelectMany(output => output.Contents.Fp32Contents));
        }
    }

    private static InferTensorContents Parse(string datatype, JsonElement[] data) => datatype switch
    {
        Datatype.Fp32 => new() { Fp32Contents = { data.Select(element => element.GetSingle()) } },
        Datatype.Fp64 => new() { Fp64Contents = { data.Select(element => element.GetDouble()) } },
        Datatype.Int8 or Datatype.Int32 => new() { IntContents = { data.Select(element => element.GetInt32()) } },
        Datatype.Int64 => new() { Int64Contents = { data.Select(element => element.GetInt64()) } },
        Datatype.UInt8 => new() { UintContents = { data.Select(element => element.GetUInt32()) } },
        Datatype.UInt64 => new() { Uint64Contents = { data.Select(element => element.GetUInt64()) } },
        Datatype.Bool => new() { BoolContents = { data.Select(element => element.GetBoolean()) } },
        _ => new() { BytesContents = { data.Select(element => ByteString.CopyFromUtf8(element.GetString()!)) } },
    };

    private static ModelInferRequest Two()
    {
        var request = new ModelInferRequest { ModelName = "two", Inputs = { Tensors.Input("a", Datatype.Fp32, 1, 2), Tensors.Input("b", Datatype.Fp32, 1, 2) } };
        request.Inputs[0].Contents = new() { Fp32Contents = { 5, 6 } };
        request.Inputs[1].Contents = new() { Fp32Contents = { 1, 2 } };
        return request;
    }

    private static IEnumerable<string> Names(ModelInferResponse answer) => answer.Outputs.Select(output => output.Name);

    private Task<ModelInferResponse> InferAsync(ModelInferRequest request) => server.Inference.ModelInferAsync(request, cancellationToken: Cancellation).ResponseAsync;
}
