# A checkpassword program has 30 seconds.  After that it is ended, whether it likes it or
# not, and the client may try again.
use strict;
use warnings;
use lib 'tests/lib';
use Checkpassword;
use MailTest;
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(time);

# Both at once, so that the test takes half the time.
my @sessions = map { { name => $_->[0], password => $_->[1], checker => new_checker(), root => empty_root() } }
    [ 'smtp-stdio', 'stubborn' ], [ 'pop3-stdio', 'asleep' ];
for (@sessions) {
	$_->{client} = greeted($_->{name}, $_->{root}, $_->{checker});
	$_->{client}->send('AUTH PLAIN ' . encode_base64("\0bob\@example.com\0$_->{password}", '') . "\r\n");
	$_->{started} = time;
}
for (@sessions) {
	my $name = $_->{name};
	my $reply = $_->{client}->line;
	my $seconds = time - $_->{started};
	like($reply, qr{^(?:454 4\.7\.0|-ERR \[SYS/TEMP\]) }, "$name: the time is up");        ## smtp-4954-4-j pop3-3206-b
	cmp_ok($seconds, '>=', 28, 'not early');
	cmp_ok($seconds, '<', 55, 'and not late');
	my ($pid) = calls_of($_->{checker});
	ok(wait_until(sub { !kill 0, $pid }), 'the program has been ended');
	ok(!-e "$_->{root}/accounts/example.com", 'nothing is made');
	like(login($_->{client}, $name, 'PLAIN', 'bob@example.com', 'secret'), qr/^(?:235|\+OK)/, 'and another try may follow');
	$_->{client}->send("QUIT\r\n");
	$_->{client}->rest;
	is($_->{client}->status, 0, 'the session ends well');
}
done_testing;
