# Messages of SCRAM that must not log anybody in: each of them alone in a session, whose end
# also ends the wait after a failure.  Right ones of the same kind are in scram.t.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(encoded);
use SmtpAuth qw(auth greeted scram);

my $bob = 'bob@example.com';
my ($comma, $control) = ('a,b=c@example.com', "bo\tb\@example.com");
my $root = new_root([ $bob, 'secret' ], [ 'alice@example.com', 'secret' ], [ $comma, 'secret' ], 'nopass@example.com');

my %words;
sub is_refused {
	my ($reply, $what) = @_;
	$words{$reply}++;
	like($reply, qr/^535 5\.7\.8 /, $what);
}

# First messages that are refused before any challenge
sub refuses_first {
	my ($message, $what) = @_;
	my ($reply, $noop) = auth($root, [], 'AUTH SCRAM-SHA-256 ' . (length $message ? encoded($message) : '='), 'NOOP');
	is_refused($reply, "$what: refused");
	like($noop, qr/^250 /, "$what: the session goes on");
}

refuses_first("p=tls-unique,,n=$bob,r=abcdefgh", 'a channel bound, which was not offered'); ## scram-5802-5-a
refuses_first("p=tls-exporter,,n=$bob,r=abcdefgh", 'a channel bound in another way'); ## scram-5802-5-a
refuses_first("x,,n=$bob,r=abcdefgh", 'an unknown flag'); ## scram-5802-5-a
refuses_first("N,,n=$bob,r=abcdefgh", 'a flag in capitals'); ## scram-5802-5-a
refuses_first("nn,,n=$bob,r=abcdefgh", 'a flag twice'); ## scram-5802-5-a
refuses_first("n=x,,n=$bob,r=abcdefgh", 'a flag with a value'); ## scram-5802-5-a
refuses_first(",,n=$bob,r=abcdefgh", 'no flag'); ## scram-5802-5-a
refuses_first("n,n=$bob,r=abcdefgh", 'no place for a second name'); ## scram-5802-5-a
refuses_first("n=$bob,r=abcdefgh", 'no header at all'); ## scram-5802-5-a
refuses_first('', 'an empty message'); ## scram-5802-5-a smtp-4954-4-c
refuses_first('n', 'a flag alone'); ## scram-5802-5-a
refuses_first('n,,', 'a header alone'); ## scram-5802-5-a
refuses_first("n,$bob,n=$bob,r=abcdefgh", 'a second name without a='); ## scram-5802-5-j
refuses_first("n,a=,n=$bob,r=abcdefgh", 'an empty second name'); ## scram-5802-5-j
refuses_first("n,,r=abcdefgh,n=$bob", 'the nonce before the name'); ## scram-5802-5-b
refuses_first("n,,n=$bob", 'no nonce'); ## scram-5802-5-b
refuses_first("n,,n=$bob,", 'nothing in place of a nonce'); ## scram-5802-5-b
refuses_first("n,,n=$bob,r=", 'an empty nonce'); ## scram-5802-5-b
refuses_first("n,,n=$bob,r=abc def", 'a blank in a nonce'); ## scram-5802-5-b
refuses_first("n,,n=$bob,r=abc\tdef", 'a tab in a nonce'); ## scram-5802-5-b
refuses_first("n,,n=$bob,r=abc\x7fdef", 'a DEL in a nonce'); ## scram-5802-5-b
refuses_first("n,,n=$bob,r=abc\xc3\xa4", 'a nonce beyond ASCII'); ## scram-5802-5-b
refuses_first("n,,n=$bob,r=abc\0def", 'a NUL in a nonce'); ## scram-5802-5-b
refuses_first("n,,r=abcdefgh", 'no name'); ## scram-5802-5-g
refuses_first('n,,n=,r=abcdefgh', 'an empty name'); ## scram-5802-5-g sasl-prep
refuses_first('n,,n=bob=40example.com,r=abcdefgh', 'another escape in a name'); ## scram-5802-5-g
refuses_first('n,,n=bob@example.com=,r=abcdefgh', 'an equals sign at the end of a name'); ## scram-5802-5-g
refuses_first('n,,n=bob@example.com=2,r=abcdefgh', 'half an escape at the end of a name'); ## scram-5802-5-g
refuses_first('n,,n=bob=@example.com,r=abcdefgh', 'an equals sign in a name'); ## scram-5802-5-g
refuses_first("n,a=bob=40example.com,n=$bob,r=abcdefgh", 'another escape in the second name'); ## scram-5802-5-g scram-5802-5-j
refuses_first("n,,n=bob\0\@example.com,r=abcdefgh", 'a NUL in a name'); ## sasl-prep
refuses_first("n,,n=b\xff\@example.com,r=abcdefgh", 'a name that is not UTF-8'); ## scram-5802-prep
refuses_first("n,,n=b\xc1\xafb\@example.com,r=abcdefgh", 'an overlong form in a name'); ## scram-5802-prep
refuses_first("n,,m=ext,n=$bob,r=abcdefgh", 'an extension that has to be known'); ## scram-5802-5-h
refuses_first("n,,m=,n=$bob,r=abcdefgh", 'the same, empty'); ## scram-5802-5-h

# Exchanges that fail at one of the steps, as those with a wrong password do
sub refuses {
	my ($what, $user, $password, %with) = @_;
	my $client = greeted($root, [ '-v' ], wire => 'socket', errors => new_file('errors'));
	my $done = scram($client, $user, $password, hang_up => 1, %with);
	is_refused($done->{reply}, "$what: refused");
	is(scalar(grep { /^334 (?:dj|ZT)[0-3]/ } @{$done->{replies}}), 0, "$what: the server proves nothing, and tells no reason");
	return $done;
}

my $seen = refuses('a wrong password', $bob, 'wrong'); ## smtp-4954-4-h scram-5802-5-f scram-5802-5-i
is(scalar(@{$seen->{replies}}), 2, 'a wrong password is found out at the end'); ## scram-5802-5-i
$seen = refuses('an unknown user', 'nobody@example.com', 'secret'); ## smtp-4954-4-h scram-5802-5-i
is(scalar(@{$seen->{replies}}), 2, 'and so is a user that nobody knows'); ## scram-5802-5-i
refuses('a domain that is not hosted', 'bob@elsewhere.example', 'secret'); ## scram-5802-5-i
refuses('an account without a password', 'nopass@example.com', ''); ## scram-5802-5-i
refuses('no domain', 'bob', 'secret'); ## scram-5802-5-i
refuses('an address with a tag', 'bob+tag@example.com', 'secret'); ## scram-5802-5-i
refuses('a path', '../example.com/bob', 'secret'); ## scram-5802-5-i
refuses('a control character in a name', $control, 'secret'); ## sasl-prep
refuses('a password in another case', $bob, 'Secret'); ## sasl-prep
refuses('in the name of another', $bob, 'secret', first => { authzid => 'alice@example.com' }); ## scram-5802-5-j
refuses('in the name of nobody', $bob, 'secret', first => { authzid => 'nobody@example.com' }); ## scram-5802-5-j
refuses('a comma that is not escaped', $comma, 'secret', first => { escape => 0 }); ## scram-5802-5-g
refuses('the header of another flag', $bob, 'secret', final => { binding => 'y,,' }); ## scram-5802-5-d
refuses('the header of no flag, after y', $bob, 'secret', first => { flag => 'y' }, final => { binding => 'n,,' }); ## scram-5802-5-d
refuses('the header without the second name', $bob, 'secret', first => { authzid => $bob }, final => { binding => 'n,,' }); ## scram-5802-5-d
refuses('the header and more', $bob, 'secret', final => { binding => 'n,,x' }); ## scram-5802-5-d
refuses('no header', $bob, 'secret', final => { binding => '' }); ## scram-5802-5-d
refuses('a bound channel at the end', $bob, 'secret', final => { binding => 'p=tls-unique,,x' }); ## scram-5802-5-d
refuses("the client's nonce alone", $bob, 'secret', first => { nonce => 'abcdefgh' }, final => { nonce => 'abcdefgh' }); ## scram-5802-5-e
refuses('another nonce', $bob, 'secret', final => { nonce => 'x' x 48 }); ## scram-5802-5-e
refuses('no nonce', $bob, 'secret', final => { nonce => '' }); ## scram-5802-5-e
refuses('a proof of zeros', $bob, 'secret', final => { proof => "\0" x 32 }); ## scram-5802-5-f
refuses('an empty proof', $bob, 'secret', final => { proof => '' }); ## scram-5802-5-f
refuses('a short proof', $bob, 'secret', final => { proof => 'x' x 31 }); ## scram-5802-5-f
refuses('a long proof', $bob, 'secret', final => { proof => 'x' x 33 }); ## scram-5802-5-f
refuses('a very long proof', $bob, 'secret', final => { proof => 'x' x 5000 }); ## scram-5802-5-f
refuses('an extension that has to be known, in the end', $bob, 'secret', final => { behind => ',m=ext' }); ## scram-5802-5-h

# What is signed is what was sent: an extension that the server does not know is part of it.
# And last messages that are none.
sub last_message {
	my ($what, $change) = @_;
	my $client = greeted($root, [], wire => 'socket');
	my $first = Scram::client_first($bob);
	my ($challenge) = $client->ask('AUTH SCRAM-SHA-256 ' . encoded($first)) =~ /^334 (\S+)$/;
	my ($final) = Scram::client_final('secret', $first, Scram::decoded($challenge));
	local $_ = $final;
	$change->();
	$client->send((length $_ ? encoded($_) : '') . "\r\n");
	$client->close_input;
	is_refused($client->reply, "$what: refused");
}
last_message('an extension that is not signed', sub { s/,p=/,x=1,p=/ }); ## scram-5802-5-h
last_message('an extension behind the proof', sub { $_ .= ',x=1' }); ## scram-5802-5-f
last_message('no proof', sub { s/,p=.*// }); ## scram-5802-5-f
last_message('a proof that is not in base 64', sub { s/,p=./,p=!/ }); ## scram-5802-5-f
last_message('a proof without padding', sub { s/=\z// }); ## scram-5802-5-f
last_message('bits behind the proof', sub { s/.=\z/B=/ }); ## scram-5802-5-f
last_message('one bit of the proof', sub { s/,p=(.)/',p=' . ($1 eq 'A' ? 'B' : 'A')/e }); ## scram-5802-5-f
last_message('the nonce before the header', sub { s/^(c=[^,]*),(r=[^,]*)/$2,$1/ }); ## scram-5802-5-d
last_message('no header attribute', sub { s/^c=[^,]*,// }); ## scram-5802-5-d
last_message('the header not in base 64', sub { s/^c=biws/c=n!!/ }); ## scram-5802-5-d
last_message('no nonce attribute', sub { s/r=[^,]*,// }); ## scram-5802-5-e
last_message('one character more in the nonce', sub { s/,p=/x,p=/ }); ## scram-5802-5-e
last_message('a blank in front', sub { $_ = " $_" }); ## scram-5802-5-d
last_message('an empty message', sub { $_ = '' }); ## scram-5802-5-f
last_message('a NUL behind it', sub { $_ .= "\0" }); ## scram-5802-5-f
last_message('a long text that is none', sub { $_ = 'c=biws,' x 1000 }); ## scram-5802-5-e

# Long messages, of which the server may take what it likes: nothing worse can happen.
for my $length (1900, 2000, 2030, 9000) {
	my $client = greeted($root, [], wire => 'socket');
	my $done = scram($client, $bob, 'secret', first => { nonce => 'x' x $length });
	like($done->{reply}, qr/^(?:235 2\.7\.0|535 5\.7\.8) /, "a nonce of $length characters"); ## scram-5802-5-b
	like($client->ask('QUIT'), qr/^221 /, 'and the session goes on');
}

is(scalar(keys %words), 1, 'all of these are told in the same words') or diag explain \%words; ## scram-5802-5-i smtp-4954-4-h

done_testing;
