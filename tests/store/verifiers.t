#!/usr/bin/perl
# What mailstore stores in the place of a password: the form of RFC 5803, computed here a
# second time, from RFC 5802 section 3 and with another SHA-256.
use strict;
use warnings;
use lib 'tests/lib';
use Digest::SHA qw(hmac_sha256 sha256);
use MIME::Base64 qw(decode_base64 encode_base64);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
my $file = "$root/passwords/example.com/bob";
my $base64 = qr{(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?};

# Hi() of RFC 5802, StoredKey and ServerKey.
sub keys_of {
	my ($password, $salt, $iterations) = @_;
	my $block = my $salted = hmac_sha256($salt . pack('N', 1), $password);
	$salted ^= $block = hmac_sha256($block, $password) for 2 .. $iterations;
	return (sha256(hmac_sha256('Client Key', $salted)), hmac_sha256('Server Key', $salted));
}

my %salts;

sub right_verifier {
	my ($password, $iterations, $name) = @_;
	my $verifier = octets_of($file);
	like($verifier, qr/\ASCRAM-SHA-256\$[1-9][0-9]*:$base64\$$base64:$base64\n\z/,
	    "$name: without spaces, with a final LF");          ## scram-5803-1
	my ($count, $salt, $stored, $server) = $verifier =~ /^SCRAM-SHA-256\$(\d+):(.*)\$(.*):(.*)$/;
	is($count, $iterations, 'so many iterations');
	cmp_ok($count, '>=', 4096, 'not fewer than RFC 7677 asks for');         ## scram-7677-a
	cmp_ok(length decode_base64($salt), '>=', 16, 'a salt of 16 octets at least');
	ok(!$salts{$salt}++, 'never the same');
	my ($stored_key, $server_key) = keys_of($password, decode_base64($salt), $count);
	is($stored, encode_base64($stored_key, ''), 'StoredKey');      ## scram-7677-a
	is($server, encode_base64($server_key, ''), 'ServerKey');      ## scram-7677-a
	unlike($verifier, qr/\Q$password\E/, 'the password itself is not there') if length $password > 5;
	is(sprintf('%o', (stat $file)[2] & 07777), '600', 'nobody else may read it');
}

mailstore($root, "pencil\n", 'add', $bob);
right_verifier('pencil', 10_000, 'add');
for my $password ('pencil', 'with  spaces ', 'pässwörd', "\xff\xfe", 'x' x 64, 'y' x 65, 'z' x 500, '$6$salt$hash', ':', '0') {
	is((mailstore($root, "$password\n", 'passwd', $bob))[0], 0, 'passwd');
	right_verifier($password, 10_000, 'passwd');
}
for my $iterations (4096, 5000) {
	is((mailstore($root, "pencil\n", 'passwd', '-i', $iterations, $bob))[0], 0, "passwd -i $iterations");
	right_verifier('pencil', $iterations, 'passwd -i');
	my $client = logged_in($root, $bob, 'pencil');
	ask($client, 'QUIT');
	is($client->status, 0, 'and it lets the user in');
}
done_testing();
