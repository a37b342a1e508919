namespace Sluice.Contracts.Tests.Faults;

public sealed class FaultClassesTests
{
    [Theory]
    [InlineData(FaultClass.Ok, "ok", 200, 0)]
    [InlineData(FaultClass.Client, "client", 400, 3)]
    [InlineData(FaultClass.Cancelled, "cancelled", 499, 1)]
    [InlineData(FaultClass.Model, "model", 500, 13)]
    [InlineData(FaultClass.Capacity, "capacity", 503, 14)]
    [InlineData(FaultClass.Deadline, "deadline", 504, 4)]
    [InlineData(FaultClass.Gateway, "gateway", 502, 14)]
    public void Every_fault_has_its_label_status_and_code(FaultClass fault, string label, int status, int code)
    {
        Assert.Equal((label, status, code), (fault.Label(), fault.HttpStatus(), fault.GrpcCode()));
        Assert.Equal(fault, FaultClasses.FromAnswer(status, null));
        Assert.Equal(fault, FaultClasses.FromAnswer(418, label));
    }

    [Fact]
    public void No_fault_is_left_out_and_none_shares_a_label()
    {
        Assert.Equal(Enum.GetValues<FaultClass>(), FaultClasses.All);
        Assert.Equal(FaultClasses.All.Count, FaultClasses.All.Select(fault => fault.Label()).Distinct().Count());
    }

    [Theory]
    [InlineData(204, null, FaultClass.Ok)]
    [InlineData(302, null, FaultClass.Ok)]
    [InlineData(404, null, FaultClass.Client)]
    [InlineData(429, null, FaultClass.Client)]
    [InlineData(501, null, FaultClass.Model)]
    [InlineData(599, null, FaultClass.Model)]
    [InlineData(503, "deadline", FaultClass.Deadline)]
    [InlineData(503, "nonsense", FaultClass.Capacity)]
    [InlineData(503, "", FaultClass.Capacity)]
    [InlineData(500, "OK", FaultClass.Model)]
    public void The_answers_own_word_counts_more_than_its_status_if_it_is_one(int status, string? label, FaultClass expected) =>
        Assert.Equal(expected, FaultClasses.FromAnswer(status, label));

    [Theory]
    [InlineData(0, null, FaultClass.Ok)]
    [InlineData(0, "model", FaultClass.Ok)] // whoever said OK answered
    [InlineData(1, null, FaultClass.Cancelled)]
    [InlineData(2, null, FaultClass.Model)]
    [InlineData(3, null, FaultClass.Client)]
    [InlineData(4, null, FaultClass.Deadline)]
    [InlineData(8, null, FaultClass.Client)]
    [InlineData(12, null, FaultClass.Client)]
    [InlineData(13, null, FaultClass.Model)]
    [InlineData(14, null, FaultClass.Capacity)]
    [InlineData(14, "gateway", FaultClass.Gateway)]
    [InlineData(13, "client", FaultClass.Client)]
    [InlineData(13, "nonsense", FaultClass.Model)]
    [InlineData(16, null, FaultClass.Client)]
    [InlineData(17, null, FaultClass.Model)]
    [InlineData(-1, null, FaultClass.Model)]
    public void A_gRPC_answers_own_word_counts_more_than_its_code_unless_it_is_OK(int code, string? label, FaultClass expected) =>
        Assert.Equal(expected, FaultClasses.FromGrpcAnswer(code, label));

    [Theory]
    [InlineData(FaultClass.Client, 400, 3)]
    [InlineData(FaultClass.Client, 401, 16)]
    [InlineData(FaultClass.Client, 403, 7)]
    [InlineData(FaultClass.Client, 404, 5)]
    [InlineData(FaultClass.Client, 405, 12)]
    [InlineData(FaultClass.Client, 413, 8)]
    [InlineData(FaultClass.Client, 429, 8)]
    [InlineData(FaultClass.Deadline, 504, 4)]
    [InlineData(FaultClass.Gateway, 502, 14)]
    public void A_status_that_is_more_precise_has_a_code_that_is(FaultClass fault, int status, int code) => Assert.Equal(code, fault.GrpcCode(status));

    [Fact]
    public void What_is_no_fault_class_has_no_label()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ((FaultClass)99).Label());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((FaultClass)99).HttpStatus());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((FaultClass)99).GrpcCode());
    }

    [Theory]
    [InlineData(InferenceProtocol.V2, 400, """{"error":"a \"quote\""}""")]
    [InlineData(InferenceProtocol.MlflowScoring, 400, """{"error_code":"BAD_REQUEST","message":"a \"quote\""}""")]
    [InlineData(InferenceProtocol.MlflowScoring, 404, """{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"a \"quote\""}""")]
    [InlineData(InferenceProtocol.MlflowScoring, 429, """{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"a \"quote\""}""")]
    [InlineData(InferenceProtocol.MlflowScoring, 500, """{"error_code":"INTERNAL_ERROR","message":"a \"quote\""}""")]
    [InlineData(InferenceProtocol.MlflowScoring, 503, """{"error_code":"TEMPORARILY_UNAVAILABLE","message":"a \"quote\""}""")]
    [InlineData(InferenceProtocol.MlflowScoring, 504, """{"error_code":"DEADLINE_EXCEEDED","message":"a \"quote\""}""")]
    public void An_error_has_the_protocols_own_form(InferenceProtocol protocol, int status, string body) =>
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(InferenceError.Body(protocol, status, "a \"quote\"")));
}
