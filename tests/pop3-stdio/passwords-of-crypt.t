#!/usr/bin/perl
# Accounts that came from elsewhere have crypt(3) strings; the login takes them as they
# are.  What the C library of the build does not know lets nobody in: [SYS/PERM].
use strict;
use warnings;
use lib 'tests/lib';
use StoreTest;
use Test::More;

my $root = new_root();
add($root, 'bob@example.com', undef);

sub login {
	my ($password) = @_;
	my $client = pop3($root);
	ask($client, 'USER bob@example.com');
	my $reply = ask($client, "PASS $password");
	ask($client, 'QUIT');
	return $reply;
}

my %verifiers = (
	'SHA-512' => '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
	'SHA-256' => '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5',
);
# Debian's musl, for one, has no crypt(3).
sub has_crypt {
	my $program = 'char *crypt(const char *, const char *); int main(void) { return !crypt("", ""); }';
	my $compiler = $ENV{CC} || 'cc';
	return grep { system("echo '$program' | $compiler -x c -o /dev/null - $_ 2>/dev/null") == 0 } '-lcrypt', '';
}

for my $kind (sort keys %verifiers) {
	if (!has_crypt()) {
		put($root, 'passwords/example.com/bob', "$verifiers{$kind}\n");
		like(login('Hello world!'), qr{^-ERR \[SYS/PERM\] }, "$kind: nothing here knows it");     ## pop3-3206-b
		next;
	}
	for my $end ("\n", '', " \n") {
		put($root, 'passwords/example.com/bob', $verifiers{$kind} . $end);
		like(login('Hello world!'), qr/^\+OK/, "$kind: the right password");
	}
	like(login('Hello world'), qr/^-ERR \[AUTH\] /, "$kind: a wrong one");  ## pop3-3206-a
	like(login($verifiers{$kind}), qr/^-ERR \[AUTH\] /, "$kind: the verifier itself is none");
}

# yescrypt: Debian's libcrypt has it, musl has not.
put($root, 'passwords/example.com/bob',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$42RgPIrXdXSEEs77lDi/4IqKVqFBAVaHJkzw5uD1r57' . "\n");
like(login('Hello world!'), qr{^(?:\+OK|-ERR \[SYS/PERM\])}, 'yescrypt: the right password, where it is known');
like(login('Hello world'), qr{^-ERR \[(?:AUTH|SYS/PERM)\] }, 'yescrypt: a wrong one');

# No method anywhere, though it looks like one; and a locked account as passwd(5) has it.
for my $verifier ('$unknown$salt$hash', '$', '*', '!', '*0', 'secret') {
	put($root, 'passwords/example.com/bob', "$verifier\n");
	like(login('secret'), qr{^-ERR \[SYS/PERM\] }, "no verifier: $verifier");       ## pop3-3206-b
	like(login($verifier), qr/^-ERR /, 'and it is no password either');
}
done_testing();
