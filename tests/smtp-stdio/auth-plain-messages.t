# What a message of PLAIN may look like, and who is let in by it.  Each message has a session
# of its own, whose end also ends the wait after a failure.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(encoded);
use SmtpAuth qw(auth plain);

my $bob = 'bob@example.com';
my $long = 'x' x 190 . '@' . join '.', map { $_ x 31 } 'a', 'b';
my ($composed, $decomposed) = ("j\xc3\xbcrgen\@example.com", "ju\xcc\x88rgen\@example.com");
my $root = new_root([ $bob, 'secret' ], [ 'alice@example.com', 'secret' ], 'nopass@example.com', [ $long, 'y' x 255 ],
    [ $composed, "p\xc3\xa4ssword" ], [ 'latin1@example.com', "s\xe9cret" ], [ 'spaces@example.com', " two  words\t" ]);

# The first reply to AUTH PLAIN with these octets.
sub plain_reply {
	my ($message) = @_;
	my ($reply, $noop, $more) = auth($root, [ '-p' ], 'AUTH PLAIN ' . (length $message ? encoded($message) : '='), 'NOOP');
	return "$noop behind $reply" if !defined $noop || $noop !~ /^250 2\.0\.0 / || defined $more;
	return $reply;
}

sub lets_in {
	my ($message, $what) = @_;
	like(plain_reply($message), qr/^235 2\.7\.0 /, $what);
}

my %refusals;
sub refuses {
	my ($message, $what) = @_;
	my $reply = plain_reply($message);
	$refusals{$reply}++;
	like($reply, qr/^535 5\.7\.8 /, "refused: $what");
}

lets_in("\0$bob\0secret", 'name and password'); ## smtp-4616-a
lets_in("$bob\0$bob\0secret", 'for oneself, said plainly'); ## smtp-4616-a
lets_in("\0BOB\@Example.COM\0secret", 'a name in another case'); ## sasl-prep
lets_in("BOB\@Example.COM\0BOB\@Example.COM\0secret", 'both names in another case'); ## sasl-prep
is(length $long, 254, 'a long name');
lets_in("$long\0$long\0" . 'y' x 255, 'names and a password of 255 octets'); ## smtp-4616-a
lets_in("\0$composed\0p\xc3\xa4ssword", 'a name and a password beyond ASCII'); ## smtp-4616-a sasl-prep
lets_in("\0spaces\@example.com\0 two  words\t", 'blanks at both ends of a password'); ## sasl-prep

refuses('', 'an empty message'); ## smtp-4954-4-c smtp-4616-a
refuses($bob, 'no NUL'); ## smtp-4616-a
refuses("$bob\0secret", 'one NUL'); ## smtp-4616-a
refuses("\0$bob\0secret\0", 'a third NUL at the end'); ## smtp-4616-a
refuses("\0$bob\0sec\0ret", 'a third NUL in the password'); ## smtp-4616-a
refuses("\0\0$bob\0secret", 'a third NUL at the beginning'); ## smtp-4616-a
refuses("\0\0\0", 'three NULs'); ## smtp-4616-a
refuses("\0\0", 'nothing but NULs'); ## smtp-4616-a
refuses("\0\0secret", 'no name'); ## smtp-4616-a sasl-prep
refuses("$bob\0\0secret", 'no name but for whom'); ## smtp-4616-a
refuses("\0$bob\0", 'no password'); ## smtp-4616-a
refuses("\0nopass\@example.com\0", 'no password for an account without one'); ## smtp-4616-a
refuses("\0nopass\@example.com\0secret", 'a password for an account without one'); ## smtp-4616-a
refuses("alice\@example.com\0$bob\0secret", 'in the name of another'); ## smtp-4616-a
refuses("bob\0$bob\0secret", 'in the name of a part of oneself'); ## smtp-4616-a
refuses("$bob \0$bob\0secret", 'in the name of oneself and a blank'); ## smtp-4616-a
refuses("postmaster\@example.com\0$bob\0secret", 'in the name of postmaster'); ## smtp-4616-a
refuses("\0b\xff\@example.com\0secret", 'a name that is not UTF-8'); ## smtp-4616-a
refuses("\xff\0$bob\0secret", 'for a name that is not UTF-8'); ## smtp-4616-a
refuses("\0$bob\0secret\xff", 'a password that is not UTF-8'); ## smtp-4616-a
refuses("\0latin1\@example.com\0s\xe9cret", 'a right password that is not UTF-8'); ## smtp-4616-a
refuses("\0b\xc1\xafb\@example.com\0secret", 'an overlong form in a name'); ## smtp-4616-a
refuses("\0\xed\xa0\x80\@example.com\0secret", 'a surrogate in a name'); ## smtp-4616-a

refuses("\0$bob\0Secret", 'a password in another case'); ## smtp-4954-4-h sasl-prep
refuses("\0$bob\0secre", 'a part of a password'); ## smtp-4954-4-h
refuses("\0$bob\0secrets", 'more than a password'); ## smtp-4954-4-h
refuses("\0$bob\0secret ", 'a password and a blank'); ## smtp-4954-4-h
refuses("\0$bob\0" . 's' x 9000, 'a very long password'); ## smtp-4954-4-h
refuses("\0$composed\0pa\xcc\x88ssword", 'a password in another normal form'); ## sasl-prep
refuses("\0$decomposed\0p\xc3\xa4ssword", 'a name in another normal form'); ## sasl-prep
refuses("\0J\xc3\x9cRGEN\@example.com\0p\xc3\xa4ssword", 'a name beyond ASCII in another case'); ## sasl-prep

refuses("\0nobody\@example.com\0secret", 'nobody'); ## smtp-4954-4-h
refuses("\0bob\@elsewhere.example\0secret", 'a domain that is not hosted'); ## smtp-4954-4-h
for my $name ('bob', 'bob@', '@example.com', '@', 'bob+tag@example.com', 'bob@example.com@example.com', 'bob@example.com.',
    ' bob@example.com', 'bob@example.com ', '../example.com/bob', 'bob@../example.com', 'example.com/bob', 'bob@example.com/',
    '/bob@example.com', './bob@example.com', '.bob@example.com', '..@example.com', 'bob@.', 'bob@..', '.secret@example.com', '*@example.com', 'x' x 9000) {
	refuses("\0$name\0secret", 'the name ' . Program::visible(substr $name, 0, 40));
}
for my $control ("\1", "\t", "\n", "\r", "\x7f", "\xc2\x85") {
	refuses("\0bob${control}\@example.com\0secret", 'a control character in a name: ' . Program::visible($control)); ## sasl-prep
	refuses("\0bob\@example.com${control}\0secret", 'a control character behind a name: ' . Program::visible($control)); ## sasl-prep
}
is_deeply([ values %refusals ], [ (values %refusals)[0] ], 'all of these are told in the same words') or diag explain \%refusals; ## smtp-4954-4-h

# In an exchange there are no commands: what looks like one is an answer.
for my $answer ('QUIT', 'RSET', 'NOOP') {
	my @replies = auth($root, [ '-p' ], 'AUTH PLAIN', $answer, 'HELP');
	like("@replies", qr/^334  535 5\.7\.8 .* 214[- ]2\.0\.0 /, "$answer as an answer"); ## smtp-4616-a smtp-4954-4-l
}

my ($reply) = auth($root, [ '-p', '-s' ], 'AUTH PLAIN ' . plain('', $bob, 'secret'));
like($reply, qr/^235 2\.7\.0 /, '-p and -s together'); ## smtp-4954-3-a

done_testing;
